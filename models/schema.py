"""The version of the tables: created, checked and upgraded from the installed package."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, func, inspect, select

from models.base import VERSION_TABLE
from models.engine import make_engine
from models.errors import ForeignDatabaseError, NewerDatabaseError, NotMigratedError
from models.metadata import metadata
from models.sqlite import WRITES
from models.url import describe_url

MIGRATIONS = Path(__file__).parent / "migrations"
_PREFECT_TABLES = {"flow_run", "alembic_version"}
_ADVISORY_LOCK = 862_305_190  # any number, the same in every process that migrates


def open_database(url: str) -> Engine:
    """Return the engine for ``url`` once its tables are those this version of Vigil works with.

    An empty database gets its tables, whoever of several processes comes first; one with other
    tables is left as it is.

    Raises:
        DatabaseError: as ``make_engine`` and ``check_version``.
    """
    engine = make_engine(url)
    with engine.connect() as connection:
        empty = not inspect(connection).get_table_names()
    if empty:
        upgrade(engine)
    check_version(engine)
    return engine


def check_version(engine: Engine) -> None:
    """Raise unless the tables are those this version of Vigil works with.

    Raises:
        NotMigratedError: they are missing or older.
        NewerDatabaseError: they are newer.
        ForeignDatabaseError: the database is another application's.
    """
    with engine.connect() as connection:
        revision = _check_owner(connection)
    if revision == head_revision():
        return
    place = describe_url(engine.url)
    if revision is None:
        raise NotMigratedError(f"{place} has no tables of Vigil: run `vigil db upgrade`")
    raise NotMigratedError(
        f"{place} is at revision {revision}, this version of Vigil needs {head_revision()}: "
        "run `vigil db upgrade`"
    )


def upgrade(engine: Engine) -> None:
    """Bring the tables to this version of Vigil, all or nothing; several processes may try.

    Raises:
        NewerDatabaseError: they are newer already.
        ForeignDatabaseError: the database is another application's.
    """
    with _migration(engine) as connection:
        if _check_owner(connection) is None:
            _refuse_clash(connection)
        command.upgrade(alembic_config(connection), "head")


def current_revision(engine: Engine) -> str | None:
    """Return the revision the tables have, None if there are none of Vigil."""
    with engine.connect() as connection:
        return _read_revision(connection)


def head_revision() -> str:
    """Return the revision this version of Vigil works with."""
    return known_revisions()[0]


def alembic_config(connection: Connection) -> Config:
    """Return what Alembic's commands need to work on ``connection``, from any folder."""
    config = Config(attributes={"connection": connection, "version_table": VERSION_TABLE})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@cache
def known_revisions() -> tuple[str, ...]:
    """Return every revision, the latest first."""
    return tuple(script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions())


@contextmanager
def _migration(engine: Engine) -> Iterator[Connection]:
    """Give a transaction in which no other process migrates."""
    with engine.connect().execution_options(**{WRITES: True}) as connection:
        if engine.dialect.name == "sqlite":
            # Altering a table means dropping it, which must not delete what refers to it. The
            # setting cannot change within a transaction, so this connection is thrown away.
            connection.detach()
            connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")
        with connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
            yield connection


def _check_owner(connection: Connection) -> str | None:
    """Return the revision of the tables after refusing Prefect's and newer ones."""
    place = describe_url(connection.engine.url)
    if _PREFECT_TABLES.issubset(inspect(connection).get_table_names()):
        raise ForeignDatabaseError(
            f"{place} belongs to Prefect's server: set VIGIL_DATABASE_URL to another one, "
            "such as sqlite:///vigil.db"
        )
    revision = _read_revision(connection)
    if revision is not None and revision not in known_revisions():
        raise NewerDatabaseError(
            f"{place} is at revision {revision}, which a later version of Vigil made (this one "
            f"knows revisions up to {head_revision()}): upgrade Vigil"
        )
    return revision


def _refuse_clash(connection: Connection) -> None:
    taken = metadata.tables.keys() & set(inspect(connection).get_table_names())
    if taken:
        raise ForeignDatabaseError(
            f"{describe_url(connection.engine.url)} holds tables of another application with the "
            f"names {', '.join(sorted(taken))}: set VIGIL_DATABASE_URL to another database"
        )


def _read_revision(connection: Connection) -> str | None:
    options = {"version_table": VERSION_TABLE}
    return MigrationContext.configure(connection, opts=options).get_current_revision()
