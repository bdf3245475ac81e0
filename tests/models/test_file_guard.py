"""A SQLite file that is deleted, moved, replaced, cut off, or locked while it is in use."""

import os
import shutil
import sqlite3
import threading
from pathlib import Path

import pytest

from models import sqlite
from models.engine import make_engine
from models.errors import DatabaseDamagedError, DatabaseLostError, DatabaseUnavailableError
from models.failures import name_failures
from models.queries.sources import add_source, list_source_names
from models.schema import open_database
from models.session import session_scope
from models.sqlite import make_sqlite_engine
from models.storage import vacuum
from tests.models.examples import NOW, definition


@pytest.fixture
def engine(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path}/data/vigil.db")
    add(engine, "first")
    yield engine
    engine.dispose()


@pytest.fixture
def file(engine):
    return Path(engine.url.database)


def add(engine, name):
    with session_scope(engine) as session:
        add_source(session, definition(name), NOW)


def names(engine):
    with session_scope(engine, writes=False) as session:
        return list_source_names(session)


def delete(file):
    file.unlink()


def move(file):
    file.rename(file.with_name("elsewhere.db"))


def remove_the_folder(file):
    shutil.rmtree(file.parent)


def restore_a_backup(file):
    backup = file.with_name("backup.db")
    with sqlite3.connect(file) as source, sqlite3.connect(backup) as target:
        source.backup(target)
    os.replace(backup, file)


def remove_the_log(file):
    Path(f"{file}-wal").unlink()


def remove_the_index_of_the_log(file):
    Path(f"{file}-shm").unlink()


ACCIDENTS = [delete, move, remove_the_folder, restore_a_backup]
ACCIDENTS_OF_THE_LOG = [remove_the_log, remove_the_index_of_the_log]


@pytest.mark.parametrize("accident", ACCIDENTS + ACCIDENTS_OF_THE_LOG)
def test_what_is_written_to_a_file_that_is_not_at_its_path_is_an_error(engine, file, accident):
    accident(file)
    for _ in range(2):  # nor does another try create a file
        with pytest.raises(DatabaseLostError, match=r"vigil\.db.* while this process used it"):
            add(engine, "lost")
    assert file.exists() == (accident not in (delete, move, remove_the_folder))


@pytest.mark.parametrize("accident", ACCIDENTS + ACCIDENTS_OF_THE_LOG)
def test_an_accident_in_the_middle_of_a_transaction_is_found_at_its_end(engine, file, accident):
    def write():
        with session_scope(engine) as session:
            add_source(session, definition("lost"), NOW)
            accident(file)

    with pytest.raises(DatabaseLostError, match="start again"):
        write()


@pytest.mark.parametrize("accident", ACCIDENTS)
def test_nothing_is_read_from_a_file_that_is_not_at_its_path(engine, file, accident):
    accident(file)
    with pytest.raises(DatabaseLostError, match="start again"):
        names(engine)


def test_several_processes_that_come_and_go_are_no_accident(engine, file):
    for name in ("second", "third"):
        other = make_sqlite_engine(engine.url)
        add(other, name)
        other.dispose()
    vacuum(engine)
    add(engine, "fourth")
    assert names(engine) == ["first", "fourth", "second", "third"]


def test_a_file_that_holds_nothing_is_not_taken_for_a_new_database(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite, "_CREATION_SECONDS", 0.1)
    file = tmp_path / "vigil.db"
    file.touch()
    with pytest.raises(DatabaseUnavailableError, match=r"is empty \(0 bytes\).*Restore a backup"):
        make_engine(f"sqlite:///{file}")
    assert file.stat().st_size == 0


def test_a_file_that_another_process_is_creating_is_waited_for(tmp_path):
    file = tmp_path / "vigil.db"
    file.touch()
    threading.Timer(0.2, lambda: open_by_hand(file)).start()
    engine = open_database(f"sqlite:///{file}")
    assert names(engine) == []
    engine.dispose()


def open_by_hand(file):
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA journal_mode = WAL")


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["a folder", "a pipe"])
def test_what_is_no_file_is_named_and_nobody_waits_for_it(tmp_path, make):
    make(tmp_path / "vigil.db")
    with pytest.raises(DatabaseUnavailableError, match=r"vigil\.db is a folder or a device"):
        make_engine(f"sqlite:///{tmp_path}/vigil.db")


def test_a_file_that_was_cut_off_asks_for_a_backup(engine, file):
    engine.dispose()
    os.truncate(file, 8192)
    cut_off = make_sqlite_engine(engine.url)
    name_failures(cut_off)
    with pytest.raises(DatabaseDamagedError, match=r"malformed; .*restore a backup"):
        add(cut_off, "second")


def test_a_lock_of_another_process_is_waited_for_and_said(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_SECONDS", 0.05)
    engine = open_database(f"sqlite:///{tmp_path}/vigil.db")
    holder = sqlite3.connect(tmp_path / "vigil.db", isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    release = threading.Timer(1.0, lambda: holder.execute("COMMIT"))
    release.start()
    add(engine, "late")
    release.join()
    holder.close()
    assert names(engine) == ["late"]
    assert caplog.text.count("another process writes to") == 1
    engine.dispose()
