"""Failures of a database, told apart and named."""

import sqlite3

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

from models.errors import (
    DatabaseError,
    DatabaseFullError,
    DatabaseLockedError,
    DatabaseUnavailableError,
    NotMigratedError,
    ReadOnlyDatabaseError,
)
from models.url import describe_url

UPGRADE = "run `vigil db upgrade`"

_LOCKED = "is locked by another process; try again when that one has finished"
_FULL = "has no room left on its disk: free some and run again; nothing was written"
_READ_ONLY = (
    "cannot be written: give yourself write permission on it and its folder, "
    "or set VIGIL_DATABASE_URL to another place"
)
_UNAVAILABLE = "cannot be used: {reason}; check VIGIL_DATABASE_URL and that the database is there"
_NO_TABLE = "lacks a table or column that this version of Vigil needs: " + UPGRADE


def name_failures(engine: Engine) -> None:
    """Make ``engine`` raise a ``DatabaseError`` where the database, not the statement, fails.

    Other errors, such as a violated constraint, stay SQLAlchemy's own.
    """
    event.listen(engine, "handle_error", _name_failure)


def _name_failure(context: ExceptionContext) -> DatabaseError | None:
    if context.is_pre_ping:  # SQLAlchemy reconnects by itself
        return None
    cause = context.original_exception
    named = (
        _sqlite_failure(cause) if isinstance(cause, sqlite3.Error) else _postgres_failure(context)
    )
    if named is None:
        return None
    kind, sentence = named
    place = describe_url(context.engine.url) if context.engine is not None else "the database"
    return kind(f"{place} {sentence}")


def _sqlite_failure(cause: sqlite3.Error) -> tuple[type[DatabaseError], str] | None:
    # The low byte is the primary code; the rest refines it.
    code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
    match code:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return DatabaseLockedError, _LOCKED
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return ReadOnlyDatabaseError, _READ_ONLY
        case sqlite3.SQLITE_FULL:
            return DatabaseFullError, _FULL
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return DatabaseUnavailableError, _UNAVAILABLE.format(reason=cause)
        case sqlite3.SQLITE_IOERR:
            return DatabaseUnavailableError, _UNAVAILABLE.format(reason=cause)
        case sqlite3.SQLITE_ERROR if "no such table" in str(cause) or "no such column" in str(
            cause
        ):
            return NotMigratedError, _NO_TABLE
    return None


def _postgres_failure(context: ExceptionContext) -> tuple[type[DatabaseError], str] | None:
    cause = context.original_exception
    # https://www.postgresql.org/docs/current/errcodes-appendix.html
    state = getattr(cause, "sqlstate", None) or ""
    if state in {"55P03", "40P01", "40001"}:
        return DatabaseLockedError, _LOCKED
    if state == "25006" or state == "42501":
        return ReadOnlyDatabaseError, _READ_ONLY
    if state == "53100":
        return DatabaseFullError, _FULL
    if state in {"42P01", "42703"}:
        return NotMigratedError, _NO_TABLE
    connecting = context.connection is None
    if connecting or context.is_disconnect or state[:2] in {"08", "53", "57"}:
        return DatabaseUnavailableError, _UNAVAILABLE.format(reason=" ".join(str(cause).split()))
    return None
