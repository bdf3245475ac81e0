"""Engines: one for each process and address."""

import os
from functools import cache

from sqlalchemy import URL, Engine

from models.failures import name_failures
from models.postgres import make_postgres_engine
from models.sqlite import make_sqlite_engine
from models.url import parse_url


def make_engine(url: str) -> Engine:
    """Return this process's engine for ``url``; the same one each time.

    A forked child gets an engine of its own, so connections belong to the process that opened
    them. A SQLite file's folder is created.

    Raises:
        DatabaseUrlError: not an address of a SQLite file or a PostgreSQL database.
        DatabaseUnavailableError: the folder of the SQLite file cannot be created, or the file is
            something else.
        MissingDriverError: the PostgreSQL driver is not installed.
    """
    return _make_engine(parse_url(url), os.getpid())


@cache
def _make_engine(url: URL, process_id: int) -> Engine:
    make = make_sqlite_engine if url.get_backend_name() == "sqlite" else make_postgres_engine
    engine = make(url)
    name_failures(engine)
    return engine
