import os
import sys

import pytest
from sqlalchemy import text

from models.engine import make_engine
from models.errors import DatabaseUnavailableError, MissingDriverError


def test_a_process_has_one_engine_an_address(tmp_path):
    url = f"sqlite:///{tmp_path}/vigil.db"
    assert make_engine(url) is make_engine(url.replace("sqlite:", "sqlite+pysqlite:"))


def test_a_child_process_gets_an_engine_of_its_own(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path}/vigil.db"
    ours = make_engine(url)
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert make_engine(url) is not ours


def test_the_folder_of_a_sqlite_file_is_created_for_its_owner_alone(tmp_path):
    make_engine(f"sqlite:///{tmp_path}/a/b/vigil.db")
    assert (tmp_path / "a" / "b").is_dir()
    assert (tmp_path / "a" / "b").stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_created_is_named(tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(DatabaseUnavailableError, match=f"create the folder {tmp_path}/taken"):
        make_engine(f"sqlite:///{tmp_path}/taken/vigil.db")


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"a,b\n" * 10_000])
def test_a_file_that_is_something_else_is_left_as_it_is(tmp_path, content):
    file = tmp_path / "orders.csv"
    file.write_bytes(content)
    with pytest.raises(DatabaseUnavailableError, match=r"orders\.csv is not a SQLite database"):
        make_engine(f"sqlite:///{file}")
    assert file.read_bytes() == content


def test_sqlite_checks_foreign_keys_and_lets_readers_and_a_writer_work_side_by_side(tmp_path):
    engine = make_engine(f"sqlite:///{tmp_path}/vigil.db")
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
    engine.dispose()


def test_a_missing_driver_is_named_with_what_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingDriverError, match=r"pip install 'vigil\[postgres\]'"):
        make_engine("postgresql://me:secret@host/not-seen-before")


def test_postgresql_lets_go_of_a_machine_that_is_gone_and_is_not_waited_for(postgres_url):
    engine = make_engine(f"{postgres_url}?options=-csearch_path%3Dours&keepalives_idle=20")
    names = ("tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count")
    with engine.connect() as connection:
        found = [connection.execute(text(f"SHOW {name}")).scalar() for name in names]
        longest = connection.execute(text("SHOW idle_in_transaction_session_timeout")).scalar()
        path = connection.execute(text("SHOW search_path")).scalar()
        client = connection.connection.driver_connection.info.get_parameters()
    engine.dispose()
    assert (found, longest, path) == (["30", "10", "3"], "5min", "ours")
    assert (client["keepalives_idle"], client["tcp_user_timeout"]) == ("20", "60000")
