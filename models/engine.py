"""Engines: one for each process and address."""

import os
import sqlite3
from functools import cache
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event

from models.errors import DatabaseUnavailableError, MissingDriverError
from models.failures import name_failures
from models.types import dump_json
from models.url import describe_url, parse_url

BUSY_TIMEOUT_SECONDS = 30.0
CONNECT_TIMEOUT_SECONDS = 10

# Set on a connection that will write; see ``models.session``.
WRITES = "vigil_writes"


def make_engine(url: str) -> Engine:
    """Return this process's engine for ``url``; the same one each time.

    A forked child gets an engine of its own, so connections belong to the process that opened
    them. A SQLite file's folder is created.

    Raises:
        DatabaseUrlError: not an address of a SQLite file or a PostgreSQL database.
        DatabaseUnavailableError: the folder of the SQLite file cannot be created.
        MissingDriverError: the PostgreSQL driver is not installed.
    """
    return _make_engine(parse_url(url), os.getpid())


@cache
def _make_engine(url: URL, process_id: int) -> Engine:
    if url.get_backend_name() == "sqlite":
        engine = _make_sqlite_engine(url)
    else:
        engine = _make_postgres_engine(url)
    name_failures(engine)
    return engine


def _make_sqlite_engine(url: URL) -> Engine:
    folder = Path(str(url.database)).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseUnavailableError(
            f"cannot create the folder {folder} for the database: {error.strerror}; "
            "set VIGIL_DATABASE_URL to a place that can be written"
        ) from error
    engine = create_engine(
        url, json_serializer=dump_json, connect_args={"timeout": BUSY_TIMEOUT_SECONDS}
    )
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: sqlite3.Connection, record: object) -> None:
    # BEGIN is ours (below): sqlite3 would leave it out before a SELECT and before DDL.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        connection.execute("PRAGMA journal_mode = WAL")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later fails at once if another one wrote in
    # between; one that takes the write lock at its start waits its turn.
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _make_postgres_engine(url: URL) -> Engine:
    patient = url.update_query_dict({"connect_timeout": str(CONNECT_TIMEOUT_SECONDS), **url.query})
    try:
        return create_engine(patient, json_serializer=dump_json, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise MissingDriverError(
            f"{describe_url(url)} needs a driver: pip install 'vigil[postgres]'"
        ) from error
