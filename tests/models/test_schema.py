import sqlite3
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from multiprocessing import get_context

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, inspect, text

from models import schema
from models.base import VERSION_TABLE
from models.engine import make_engine
from models.errors import ForeignDatabaseError, NewerDatabaseError, NotMigratedError
from models.metadata import metadata
from models.queries.sources import add_source, list_source_names
from models.schema import (
    check_version,
    current_revision,
    head_revision,
    known_revisions,
    open_database,
    upgrade,
)
from models.session import session_scope
from tests.models.examples import NOW, definition

ADD_A_COLUMN = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"


def upgrade():
    with op.batch_alter_table("source", recreate="auto") as batch:
        batch.add_column(sa.Column("extra", sa.String()))
        batch.alter_column("kind", type_=sa.String(80))
"""


@pytest.fixture
def empty(empty_url):
    engine = make_engine(empty_url)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(empty_url):
    """Like the shared one, and free to be changed."""
    engine = open_database(empty_url)
    yield engine
    engine.dispose()


def add_migration(folder):
    content = ADD_A_COLUMN.format(head=head_revision())
    (folder / "versions" / "9999_add_a_column.py").write_text(content)
    known_revisions.cache_clear()


def test_an_empty_database_gets_its_tables_when_it_is_opened(empty, empty_url):
    assert current_revision(empty) is None
    open_database(empty_url)
    assert current_revision(empty) == head_revision()
    check_version(empty)


def test_the_tables_are_those_the_migrations_make(engine):
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, metadata) == []


def test_the_tables_have_the_checks_that_the_migrations_make(engine):
    declared = {
        (table.name, check.name)
        for table in metadata.sorted_tables
        for check in table.constraints
        if isinstance(check, CheckConstraint)
    }
    inspector = inspect(engine)
    made = {
        (table, check["name"])
        for table in inspector.get_table_names()
        for check in inspector.get_check_constraints(table)
    }
    assert made == declared != set()


def test_upgrading_twice_changes_nothing(engine):
    upgrade(engine)
    check_version(engine)


def test_tables_that_are_older_ask_for_an_upgrade(engine, empty_url, migrations_copy):
    before = head_revision()
    add_migration(migrations_copy)
    with pytest.raises(NotMigratedError, match=rf"revision {before}, .* needs 9999: run `vigil db"):
        open_database(empty_url)
    upgrade(engine)
    open_database(empty_url)


def test_altering_a_table_keeps_what_refers_to_it(engine, running, migrations_copy):
    add_migration(migrations_copy)
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT id FROM detection")).all() != []
        assert connection.execute(text("SELECT extra FROM source")).all() == [(None,)]


def test_sqlite_checks_foreign_keys_again_after_an_upgrade(empty_sqlite_url):
    engine = open_database(empty_sqlite_url)
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    engine.dispose()


def test_a_migration_that_fails_leaves_the_tables_as_they_were(engine, migrations_copy):
    before = current_revision(engine)
    add_migration(migrations_copy)
    file = migrations_copy / "versions" / "9999_add_a_column.py"
    file.write_text(file.read_text() + "    raise ZeroDivisionError\n")
    with pytest.raises(ZeroDivisionError):
        upgrade(engine)
    assert current_revision(engine) == before
    assert "extra" not in {column["name"] for column in inspect(engine).get_columns("source")}


def test_tables_of_a_later_version_ask_for_a_later_vigil(engine, empty_url):
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = 'abcd'"))
    for attempt in (lambda: open_database(empty_url), lambda: upgrade(engine)):
        with pytest.raises(NewerDatabaseError, match=r"revision abcd.*upgrade Vigil"):
            attempt()


def test_the_database_of_prefects_server_is_refused(empty, empty_url):
    with empty.begin() as connection:
        for table in ("flow_run", "alembic_version"):
            connection.execute(text(f"CREATE TABLE {table} (id INTEGER)"))
    for attempt in (lambda: open_database(empty_url), lambda: upgrade(empty)):
        with pytest.raises(ForeignDatabaseError, match=r"Prefect.*set VIGIL_DATABASE_URL"):
            attempt()
    assert sorted(inspect(empty).get_table_names()) == ["alembic_version", "flow_run"]


def test_tables_of_another_application_are_not_mistaken_for_ours(empty, empty_url):
    with empty.begin() as connection:
        connection.execute(text("CREATE TABLE source (id INTEGER)"))
    with pytest.raises(NotMigratedError, match="has no tables of Vigil"):
        open_database(empty_url)
    with pytest.raises(ForeignDatabaseError, match=r"another application with the names source"):
        upgrade(empty)


def test_a_sqlite_file_of_another_application_is_left_as_it_was(tmp_path):
    file = tmp_path / "other.db"
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE flow_run (id)")
        other.execute("CREATE TABLE alembic_version (id)")
    before = file.read_bytes()
    with pytest.raises(ForeignDatabaseError):
        open_database(f"sqlite:///{file}")
    assert file.read_bytes() == before


def test_a_database_shared_with_another_application_is_upgraded_on_request(empty, empty_url):
    with empty.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
    with pytest.raises(NotMigratedError, match="run `vigil db upgrade`"):
        open_database(empty_url)
    upgrade(empty)
    open_database(empty_url)


def test_processes_that_open_an_empty_database_at_once_all_succeed(empty_url):
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as pool:
        revisions = list(pool.map(revision_after_opening, [empty_url] * 3))
    assert revisions == [head_revision()] * 3


def revision_after_opening(url):
    engine = open_database(url)
    with session_scope(engine, writes=False) as session:
        assert list_source_names(session) == []
    revision = current_revision(engine)
    engine.dispose()
    return revision


def test_upgrading_needs_no_file_of_the_current_folder_and_prints_nothing(
    empty, tmp_path, monkeypatch, capfd
):
    monkeypatch.chdir(tmp_path)
    upgrade(empty)
    with session_scope(empty) as session:
        add_source(session, definition(), NOW)
    assert capfd.readouterr() == ("", "")


def test_a_folder_with_a_percent_sign_holds_migrations(empty_sqlite_url, tmp_path, monkeypatch):
    folder = tmp_path / "100%s"
    folder.symlink_to(schema.MIGRATIONS)
    monkeypatch.setattr(schema, "MIGRATIONS", folder)
    open_database(empty_sqlite_url).dispose()
