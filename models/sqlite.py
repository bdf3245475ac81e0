"""Engines on SQLite files."""

import sqlite3
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event

from models.base import VERSION_TABLE
from models.encoding import dump_json
from models.errors import DatabaseUnavailableError

BUSY_TIMEOUT_SECONDS = 30.0

# Execution option of a connection that will write.
WRITES = "vigil_writes"

_HEADER = b"SQLite format 3\x00"


def make_sqlite_engine(url: URL) -> Engine:
    """Return an engine whose connections check foreign keys and wait for locks.

    The file's folder is created, for its owner alone.

    Raises:
        DatabaseUnavailableError: the folder cannot be created, or the file is something else.
    """
    file = Path(str(url.database))
    folder = file.parent
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # it will hold rows of sources
    except OSError as error:
        raise DatabaseUnavailableError(
            f"cannot create the folder {folder} for the database: {error.strerror}; "
            "set VIGIL_DATABASE_URL to a place that can be written"
        ) from error
    _refuse_other_file(file)
    engine = create_engine(
        url,
        json_serializer=dump_json,
        hide_parameters=True,  # an error shows no rows of a source
        connect_args={"timeout": BUSY_TIMEOUT_SECONDS},
    )
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    return engine


def _refuse_other_file(file: Path) -> None:
    # SQLite takes a file shorter than its header for an empty database, and would overwrite it.
    try:
        with file.open("rb") as stream:
            start = stream.read(len(_HEADER))
    except OSError:
        return  # not there yet, or SQLite will say why it cannot be opened
    if start not in {b"", _HEADER}:
        raise DatabaseUnavailableError(
            f"{file} is not a SQLite database: set VIGIL_DATABASE_URL to another file"
        )


def _set_up(connection: sqlite3.Connection, record: object) -> None:
    # BEGIN is ours (below): sqlite3 would leave it out before a SELECT and before DDL.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        _switch_to_wal(connection)


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Let readers and a writer work side by side; the file keeps the setting."""
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    if tables and (VERSION_TABLE,) not in tables:
        return  # another application's file, about to be refused, stays as it is
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        # Does not wait for a lock. Who holds it is switching too, or leaves it to the next.
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later fails at once if another one wrote in
    # between; one that takes the write lock at its start waits its turn.
    options = connection.get_execution_options()
    if options.get("isolation_level") == "AUTOCOMMIT":
        return  # VACUUM is run in none
    writes = options.get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
