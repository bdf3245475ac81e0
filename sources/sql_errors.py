"""Database errors in words people can act on, sorted by whether to try again."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, NoSuchTableError, SQLAlchemyError

from sources.errors import SourceError, TransientSourceError
from sources.secrets import SecretResolver

# Connection lost; out of resources; serialisation or deadlock; server starting or stopping.
_TRANSIENT_STATES = ("08", "53", "40", "57P0")
_STARTING = ("starting up", "shutting down", "too many clients", "connection slots")
_QUERY_CANCELED = "57014"
_SQLITE_UNUSABLE = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


@contextmanager
def sql_errors(place: str, secrets: SecretResolver, timeout_seconds: float) -> Iterator[None]:
    """Turn what SQLAlchemy and drivers raise into source errors that hold no secret.

    Raises:
        SourceError: the statement is wrong, refused, or took longer than ``timeout_seconds``.
        TransientSourceError: the database could not be reached or was busy.
    """
    try:
        yield
    except NoSuchTableError as error:
        raise SourceError(f"{place}: no such table: {error}") from None
    except DBAPIError as error:
        if _timed_out(error):
            raise SourceError(
                f"{place}: the statement took longer than {timeout_seconds:g} s: narrow it, add "
                "an index, or raise VIGIL_READ_TIMEOUT_SECONDS"
            ) from None
        message = f"{place}: {secrets.redact(_message(error))}"
        if _is_transient(error):
            raise TransientSourceError(
                f"{message}: check that it is up and `url` right, or run again later"
            ) from None
        what = "`url`" if _is_refusal(error) else "`table` or `query`"
        raise SourceError(f"{message}: check {what}, and what the user may read") from None
    except SQLAlchemyError as error:
        raise SourceError(f"{place}: {secrets.redact(str(error))}") from None


def _message(error: DBAPIError) -> str:
    """The driver's own words, on one line; SQLAlchemy's add the statement and a link."""
    said = getattr(error.orig, "diag", None)
    parts = [getattr(said, name, None) for name in ("message_primary", "message_hint")]
    return ". ".join(part for part in parts if part) or " ".join(str(error.orig).split())


def _timed_out(error: DBAPIError) -> bool:
    return _state(error) == _QUERY_CANCELED or _sqlite_code(error) == sqlite3.SQLITE_INTERRUPT


def _is_refusal(error: DBAPIError) -> bool:
    """Whether the database could not even be opened."""
    return "FATAL:" in str(error.orig) or _sqlite_code(error) in _SQLITE_UNUSABLE


def _is_transient(error: DBAPIError) -> bool:
    state = _state(error)
    if state:
        return state.startswith(_TRANSIENT_STATES)
    code = _sqlite_code(error)
    if code is not None:
        return code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    message = str(error.orig)
    if "FATAL:" in message:  # the server answered, and refused
        return any(reason in message for reason in _STARTING)
    return error.connection_invalidated or "connect" in message or "resolve host" in message


def _state(error: DBAPIError) -> str | None:
    state = getattr(error.orig, "sqlstate", None)
    return state if isinstance(state, str) else None


def _sqlite_code(error: DBAPIError) -> int | None:
    if not isinstance(error.orig, sqlite3.Error):
        return None
    code = getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return int(code) & 0xFF  # the primary code; the rest says more about it
