"""Addresses of databases."""

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from models.errors import DatabaseUrlError

_EXPECTED = "expected sqlite:///path/to/vigil.db or postgresql://user@host/database"


def parse_url(url: str) -> URL:
    """Return ``url`` in the one form that names its driver and, for SQLite, an absolute path.

    Raises:
        DatabaseUrlError: not an address of a SQLite file or a PostgreSQL database.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # not repeated: it may hold a password
        raise DatabaseUrlError(f"VIGIL_DATABASE_URL cannot be read: {_EXPECTED}") from None
    if parsed.drivername in {"sqlite", "sqlite+pysqlite"}:
        return _sqlite_file(parsed)
    if parsed.drivername in {"postgres", "postgresql", "postgresql+psycopg"}:
        return parsed.set(drivername="postgresql+psycopg")
    raise DatabaseUrlError(f"cannot use {parsed.drivername}:// for Vigil's database: {_EXPECTED}")


def describe_url(url: URL) -> str:
    """Return ``url`` as shown to people, without its password and query."""
    if url.get_backend_name() == "sqlite":
        return f"SQLite database {url.database}"
    place = url.set(drivername="postgresql", query={})
    return f"PostgreSQL database {place.render_as_string(hide_password=True)}"


def _sqlite_file(url: URL) -> URL:
    if url.database is None or url.database in {"", ":memory:"} or url.database.startswith("file:"):
        raise DatabaseUrlError(
            "Vigil's database must outlive this process, so SQLite needs a file: " + _EXPECTED
        )
    return url.set(
        drivername="sqlite+pysqlite", database=str(Path(url.database).expanduser().absolute())
    )
