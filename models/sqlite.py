"""Engines on SQLite files."""

import logging
import sqlite3
from pathlib import Path
from stat import S_ISREG
from time import monotonic, sleep

from sqlalchemy import URL, Connection, Engine, create_engine, event

from models.base import VERSION_TABLE
from models.encoding import dump_json
from models.errors import DatabaseLockedError, DatabaseUnavailableError
from models.file_guard import FileGuard

# A writer waits for another one for so long, in steps between which signals are heard.
PATIENCE_SECONDS = 300.0
BUSY_TIMEOUT_SECONDS = 5.0

# Another process writes the first page of a file at once after it has created it.
_CREATION_SECONDS = 5.0

# Execution option of a connection that will write.
WRITES = "vigil_writes"

_HEADER = b"SQLite format 3\x00"

_logger = logging.getLogger("vigil.database")


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
    guard = FileGuard(file)
    event.listen(engine, "do_connect", guard.before_connect)
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "begin", guard.check)
    event.listen(engine, "commit", guard.check)
    return engine


def _refuse_other_file(file: Path) -> None:
    try:
        found = file.stat()
    except OSError:
        return  # not there yet, or SQLite will say why it cannot be opened
    if not S_ISREG(found.st_mode):
        raise DatabaseUnavailableError(
            f"{file} is a folder or a device, not a file: set VIGIL_DATABASE_URL to a file"
        )
    until = monotonic() + _CREATION_SECONDS
    while file.exists() and not file.stat().st_size:
        if monotonic() > until:
            raise DatabaseUnavailableError(
                f"{file} is empty (0 bytes), which no database of Vigil is: it was cut off or "
                "overwritten. Restore a backup in its place, or remove it to begin with a new one"
            )
        sleep(0.05)
    try:
        with file.open("rb") as stream:
            start = stream.read(len(_HEADER))
    except OSError:
        return  # SQLite will say why
    # SQLite takes a file shorter than its header for an empty database, and would overwrite it.
    if start != _HEADER:
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
    if not options.get(WRITES, False):
        connection.exec_driver_sql("BEGIN")
        return
    until = monotonic() + PATIENCE_SECONDS
    said = False
    while True:
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except DatabaseLockedError:
            if monotonic() > until:
                raise
            if not said:
                _logger.warning(
                    "another process writes to %s: waiting up to %g s for it",
                    connection.engine.url.database,
                    PATIENCE_SECONDS,
                )
                said = True
        else:
            return
