"""Connect to a database so that nothing can be changed, and no statement runs without end."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from sources.base import ReadLimits
from sources.config import SqlConfig
from sources.errors import SourceError
from sources.file_roots import allowed_path
from sources.secrets import SecretResolver
from sources.sql_errors import sql_errors

_PSYCOPG = "postgresql+psycopg"
_SQLITE_STEPS_BETWEEN_LOOKS = 10_000
_SQLITE_MAX_LENGTH = 256 * 2**20  # of one value, which is made in one step that no clock ends


@contextmanager
def read_only_connection(
    config: SqlConfig, limits: ReadLimits, secrets: SecretResolver
) -> Iterator[Connection]:
    """Open a connection in one transaction, closed with its engine at the end.

    PostgreSQL is told to read only and to end a statement after ``limits.timeout_seconds``;
    SQLite opens the file read-only, see ``start_clock``. Other databases get neither: use a user
    that may only read.

    Raises:
        SourceError: the address, the driver or the statement is wrong.
        TransientSourceError: the database could not be reached.
    """
    url = _url(config, secrets)
    engine = _engine(url, config, limits, secrets)
    try:
        with sql_errors(config.place, secrets, limits.timeout_seconds), engine.connect() as opened:
            if url.get_backend_name() == "postgresql":
                _restrict(opened, limits)
            yield opened
    finally:
        engine.dispose()


def start_clock(connection: Connection, limits: ReadLimits) -> None:
    """Give the next statement, or step of a cursor, ``limits.timeout_seconds``."""
    driver = connection.connection.driver_connection
    if connection.dialect.name == "postgresql":
        _set_timeout(connection, limits)  # anew: a query may call set_config
    elif isinstance(driver, sqlite3.Connection):
        deadline = time.monotonic() + limits.timeout_seconds
        driver.set_progress_handler(
            lambda: time.monotonic() > deadline, _SQLITE_STEPS_BETWEEN_LOOKS
        )


def _url(config: SqlConfig, secrets: SecretResolver) -> URL:
    try:
        url = make_url(secrets.resolve_url(config.url))
    except (ArgumentError, ValueError):  # their messages quote parts of the address
        raise SourceError(
            f"{config.url}: not an SQLAlchemy address: expected "
            "dialect+driver://user:{env:NAME}@host:port/database"
        ) from None
    if url.drivername in ("postgres", "postgresql"):
        return url.set(drivername=_PSYCOPG)
    return url


def _engine(url: URL, config: SqlConfig, limits: ReadLimits, secrets: SecretResolver) -> Engine:
    try:
        if url.get_backend_name() == "sqlite":
            return _sqlite_engine(url, config, limits, secrets)
        _check_is_server(url, config, limits)
        options = {"connect_timeout": max(1, round(limits.timeout_seconds))}
        arguments = options if url.drivername == _PSYCOPG else {}
        engine = create_engine(url, poolclass=NullPool, connect_args=arguments)
    except ModuleNotFoundError as error:
        advice = (
            "pip install 'vigil[postgres]'"
            if url.drivername == _PSYCOPG
            else f"install the package that holds the module {error.name}"
        )
        raise SourceError(
            f"{config.place}: the driver of {url.drivername} is not installed: {advice}"
        ) from None
    except NoSuchModuleError:
        raise SourceError(
            f"{config.place}: SQLAlchemy knows no {url.drivername}: check the address, or install "
            "the package that adds it"
        ) from None
    if engine.dialect.is_async:
        raise SourceError(
            f"{config.place}: {url.drivername} is an asynchronous driver: expected a plain one, "
            f"e.g. {_PSYCOPG}"
        )
    return engine


def _check_is_server(url: URL, config: SqlConfig, limits: ReadLimits) -> None:
    """Other databases without a host are files, which is not for us to find in their address."""
    if limits.file_roots is not None and not url.host and url.get_backend_name() != "postgresql":
        raise SourceError(
            f"{config.place}: {url.drivername} without a host may read any file, and only the "
            "places in VIGIL_FILE_ROOTS may be read: use SQLite, or a database with a host"
        )


def _sqlite_engine(
    url: URL, config: SqlConfig, limits: ReadLimits, secrets: SecretResolver
) -> Engine:
    """Opened by its address, which unlike a path can say that the file must exist."""
    if url.database in (None, "", ":memory:"):
        raise SourceError(f"{config.place}: names no file: expected sqlite:///path/to/file.db")
    path = Path(url.database).expanduser().absolute()
    path = Path(allowed_path(config.place, str(path), limits))
    if not path.is_file():
        missing = secrets.redact(str(path))
        raise SourceError(f"{config.place}: no such SQLite file: {missing}")

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"file:{quote(str(path))}?mode=ro", uri=True, timeout=limits.timeout_seconds
        )
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _SQLITE_MAX_LENGTH)
        # SQLite takes any bytes for text: those that are none become lone surrogates.
        connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
        # Views of a file from elsewhere may call no function that does more than compute.
        connection.execute("PRAGMA trusted_schema = OFF")
        return connection

    return create_engine("sqlite://", poolclass=NullPool, creator=connect)


def _restrict(connection: Connection, limits: ReadLimits) -> None:
    # As statements of the transaction, because connection poolers refuse start-up options.
    connection.exec_driver_sql("SET TRANSACTION READ ONLY")
    _set_timeout(connection, limits)
    # Else a large table is read from wherever another reader happens to be.
    connection.exec_driver_sql("SET LOCAL synchronize_seqscans = off")


def _set_timeout(connection: Connection, limits: ReadLimits) -> None:
    milliseconds = max(1, round(limits.timeout_seconds * 1000))
    connection.exec_driver_sql(
        f"SET LOCAL statement_timeout = {milliseconds}",
        execution_options={"stream_results": False},  # of no use for what returns no rows
    )
