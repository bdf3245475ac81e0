"""Failures of a database, told apart and named."""

import sqlite3

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

from models.errors import (
    DatabaseDamagedError,
    DatabaseError,
    DatabaseFullError,
    DatabaseLockedError,
    DatabaseUnavailableError,
    NotMigratedError,
    ReadOnlyDatabaseError,
)
from models.url import describe_url

_ADVICE: dict[type[DatabaseError], str] = {
    DatabaseDamagedError: "its file is cut off or was overwritten: restore a backup, or set "
    "VIGIL_DATABASE_URL to another one",
    DatabaseFullError: "free space on its disk and run again; nothing was written",
    DatabaseLockedError: "another process is using it; run again when that one has finished",
    DatabaseUnavailableError: "check VIGIL_DATABASE_URL, and that the database is there",
    NotMigratedError: "run `vigil db upgrade`",
    ReadOnlyDatabaseError: "get permission to write it and, for SQLite, its folder (needed even "
    "to read), or set VIGIL_DATABASE_URL to another one",
}

# By primary result code, https://www.sqlite.org/rescode.html
_SQLITE: dict[int, type[DatabaseError]] = {
    sqlite3.SQLITE_BUSY: DatabaseLockedError,
    sqlite3.SQLITE_CANTOPEN: DatabaseUnavailableError,
    sqlite3.SQLITE_CORRUPT: DatabaseDamagedError,
    sqlite3.SQLITE_FULL: DatabaseFullError,
    sqlite3.SQLITE_IOERR: DatabaseUnavailableError,
    sqlite3.SQLITE_LOCKED: DatabaseLockedError,
    sqlite3.SQLITE_NOTADB: DatabaseDamagedError,
    sqlite3.SQLITE_PERM: ReadOnlyDatabaseError,
    sqlite3.SQLITE_READONLY: ReadOnlyDatabaseError,
}

# By SQLSTATE or its class, https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRES: dict[str, type[DatabaseError]] = {
    "08": DatabaseUnavailableError,  # connection exception
    "25006": ReadOnlyDatabaseError,  # read-only transaction
    "40001": DatabaseLockedError,  # serialization failure
    "40P01": DatabaseLockedError,  # deadlock
    "42501": ReadOnlyDatabaseError,  # insufficient privilege
    "42703": NotMigratedError,  # undefined column
    "42P01": NotMigratedError,  # undefined table
    "53100": DatabaseFullError,
    "53": DatabaseUnavailableError,  # insufficient resources
    "55P03": DatabaseLockedError,  # lock not available
    "57": DatabaseUnavailableError,  # operator intervention, such as a shutdown
}


def name_failures(engine: Engine) -> None:
    """Make ``engine`` raise a ``DatabaseError`` where the database, not the statement, fails.

    Other errors, such as a violated constraint, stay SQLAlchemy's own.
    """
    event.listen(engine, "handle_error", _name_failure)


def _name_failure(context: ExceptionContext) -> DatabaseError | None:
    if context.is_pre_ping or context.engine is None:  # SQLAlchemy reconnects by itself
        return None
    cause = context.original_exception
    if not isinstance(cause, Exception):  # Ctrl-C, and no failure of the database
        return None
    kind = _sqlite_kind(cause) if isinstance(cause, sqlite3.Error) else _postgres_kind(context)
    if kind is None:
        return None
    reason = " ".join(str(cause).split())
    return kind(f"{describe_url(context.engine.url)}: {reason}; {_ADVICE[kind]}")


def _sqlite_kind(cause: sqlite3.Error) -> type[DatabaseError] | None:
    code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_OK)  # absent where Python complains
    if code == sqlite3.SQLITE_ERROR and str(cause).startswith(("no such table", "no such column")):
        return NotMigratedError
    return _SQLITE.get(code & 0xFF)


def _postgres_kind(context: ExceptionContext) -> type[DatabaseError] | None:
    if context.connection is None or context.is_disconnect:
        return DatabaseUnavailableError
    state = getattr(context.original_exception, "sqlstate", None) or ""
    return _POSTGRES.get(state) or _POSTGRES.get(state[:2])
