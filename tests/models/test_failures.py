"""Real failures of real databases."""

import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event, make_url, text
from sqlalchemy.exc import IntegrityError

from models import sqlite
from models.engine import make_engine
from models.errors import (
    DatabaseDamagedError,
    DatabaseFullError,
    DatabaseLockedError,
    DatabaseUnavailableError,
    NotMigratedError,
    ReadOnlyDatabaseError,
)
from models.queries.findings import list_anomalies
from models.queries.runs import finish_detection
from models.queries.sources import add_source, list_source_names, save_source
from models.schema import open_database
from models.session import session_scope
from tests.models.examples import NOW, definition, result
from tests.ordinary_user import ordinary_user


@pytest.fixture
def read_only_file() -> Iterator[Path]:
    """A database that may be read, in a folder that every user can reach."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        file = folder / "vigil.db"
        open_database(f"sqlite:///{file}").dispose()
        file.chmod(0o444)
        yield file
        folder.chmod(0o777)


def names_after_adding(engine):
    with session_scope(engine) as session:
        add_source(session, definition(), NOW)
        return list_source_names(session)


def test_a_read_only_file_can_be_read_but_not_written(read_only_file):
    engine = make_engine(f"sqlite:///{read_only_file}")
    with ordinary_user():
        with session_scope(engine, writes=False) as session:
            assert list_source_names(session) == []
        with pytest.raises(ReadOnlyDatabaseError, match=f"{read_only_file}.*get permission"):
            names_after_adding(engine)
        engine.dispose()


def test_a_file_in_a_read_only_folder_says_that_the_folder_matters(read_only_file):
    engine = make_engine(f"sqlite:///{read_only_file}")
    read_only_file.parent.chmod(0o555)
    with ordinary_user():
        with pytest.raises(ReadOnlyDatabaseError, match=r"its folder \(needed even to read\)"):
            list_names(engine)
        engine.dispose()


def list_names(engine):
    with session_scope(engine, writes=False) as session:
        return list_source_names(session)


def test_a_damaged_file_is_named(tmp_path):
    file = tmp_path / "vigil.db"
    file.write_bytes(b"SQLite format 3\x00" + b"damage" * 1000)
    with pytest.raises(DatabaseDamagedError, match=f"{file}: file is not a database.*backup"):
        open_database(f"sqlite:///{file}")


def test_a_file_locked_for_too_long_says_that_another_process_uses_it(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_SECONDS", 0.01)
    monkeypatch.setattr(sqlite, "PATIENCE_SECONDS", 0.01)
    engine = open_database(f"sqlite:///{tmp_path}/vigil.db")
    with session_scope(engine) as holder:
        list_source_names(holder)
        with pytest.raises(DatabaseLockedError, match="another process is using it"):
            names_after_adding(engine)
    assert names_after_adding(engine) == ["orders"]
    engine.dispose()


def test_a_full_disk_in_the_middle_of_finishing_leaves_nothing_behind(engine, running):
    fill = "PRAGMA max_page_count = 60"
    if engine.dialect.name == "postgresql":
        fill = """
            CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
                $$BEGIN RAISE 'No space left on device' USING ERRCODE = 'disk_full'; END$$;
            CREATE TRIGGER full_disk BEFORE INSERT ON column_summary EXECUTE FUNCTION fail()
        """

    def finish_on_a_full_disk():
        with session_scope(engine) as session:
            session.connection().exec_driver_sql(fill)
            finish_detection(session, running, result(3000), NOW)

    with pytest.raises(DatabaseFullError, match="free space on its disk"):
        finish_on_a_full_disk()
    with session_scope(engine, writes=False) as session:
        assert list_anomalies(session, running).total == 0


def test_a_connection_lost_in_the_middle_leaves_nothing_and_the_next_one_works(
    empty_postgres_url,
):
    engine = open_database(empty_postgres_url)

    def lose_the_connection_halfway():
        with session_scope(engine) as session:
            add_source(session, definition(), NOW)
            process = session.connection().exec_driver_sql("SELECT pg_backend_pid()").scalar()
            with engine.connect() as other:
                other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": process})
            add_source(session, definition("others"), NOW)

    with pytest.raises(DatabaseUnavailableError, match="PostgreSQL database"):
        lose_the_connection_halfway()
    assert names_after_adding(engine) == ["orders"]
    engine.dispose()


def test_a_server_that_cannot_be_reached_is_named_without_the_password():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(DatabaseUnavailableError, match=f"{address}/vigil") as caught:
            open_database(f"postgresql://me:geheim@{address}/vigil")
    assert "geheim" not in str(caught.value)
    assert "VIGIL_DATABASE_URL" in str(caught.value)


def test_a_database_that_the_server_does_not_have_is_named(postgres_url):
    absent = make_url(postgres_url).set(database="absent").render_as_string(False)
    with pytest.raises(DatabaseUnavailableError, match='"absent" does not exist'):
        open_database(absent)


def test_a_server_that_only_reads_refuses_to_be_written(empty_postgres_url):
    open_database(empty_postgres_url).dispose()
    read_only = empty_postgres_url + "%20-cdefault_transaction_read_only%3Don"
    engine = open_database(read_only)
    assert list_names(engine) == []
    with pytest.raises(ReadOnlyDatabaseError, match=r"read-only transaction.*get permission"):
        names_after_adding(engine)
    engine.dispose()


def test_a_row_locked_for_too_long_says_that_another_process_uses_it(empty_postgres_url):
    engine = open_database(empty_postgres_url)
    names_after_adding(engine)
    with session_scope(engine) as holder:
        save_source(holder, definition(kind="json"), NOW)
        with pytest.raises(DatabaseLockedError, match="another process is using it"):
            save_impatiently(engine)
    engine.dispose()


def save_impatiently(engine):
    with session_scope(engine) as session:
        session.connection().exec_driver_sql("SET LOCAL lock_timeout = '10ms'")
        save_source(session, definition(kind="sql"), NOW)


def test_a_missing_table_asks_for_an_upgrade(empty_url):
    engine = make_engine(empty_url)
    with pytest.raises(NotMigratedError, match="run `vigil db upgrade`"):
        list_names(engine)
    engine.dispose()


def test_what_a_statement_does_wrong_is_not_blamed_on_the_database(engine):
    with pytest.raises(IntegrityError), session_scope(engine) as session:
        session.connection().exec_driver_sql("INSERT INTO source (id) VALUES (NULL)")


def test_an_interruption_is_not_blamed_on_the_database(engine):
    def interrupt(*arguments):
        raise KeyboardInterrupt

    event.listen(engine, "do_execute", interrupt)
    with pytest.raises(KeyboardInterrupt), session_scope(engine) as session:
        session.execute(text("SELECT 1"))
    event.remove(engine, "do_execute", interrupt)
