"""Engines on PostgreSQL."""

from collections.abc import Sequence
from time import monotonic, sleep
from typing import Any

from sqlalchemy import URL, Dialect, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection

from models.encoding import dump_json
from models.errors import MissingDriverError
from models.url import describe_url

CONNECT_TIMEOUT_SECONDS = 10
# A restart takes less.
RETURN_TIMEOUT_SECONDS = 30.0
_SECONDS_BETWEEN_TRIES = 0.5


def make_postgres_engine(url: URL) -> Engine:
    """Return an engine that replaces connections lost meanwhile.

    A database that it has reached before may be restarting: new connections wait for its return.

    Raises:
        MissingDriverError: psycopg is not installed.
    """
    patient = url.update_query_dict({"connect_timeout": str(CONNECT_TIMEOUT_SECONDS), **url.query})
    try:
        engine = create_engine(
            patient,
            json_serializer=dump_json,
            hide_parameters=True,  # an error shows no rows of a source
            pool_pre_ping=True,
        )
    except ImportError as error:
        raise MissingDriverError(
            f"{describe_url(url)} needs a driver: pip install 'vigil[postgres]'"
        ) from error
    event.listen(engine, "do_connect", _Patience())
    return engine


class _Patience:
    """Connects, and tries again for a while once it has succeeded before."""

    def __init__(self) -> None:
        self._reached = False

    def __call__(
        self, dialect: Dialect, record: object, arguments: Sequence[Any], options: dict[str, Any]
    ) -> DBAPIConnection:
        deadline = monotonic() + RETURN_TIMEOUT_SECONDS
        while True:
            try:
                connection = dialect.connect(*arguments, **options)
            except dialect.loaded_dbapi.OperationalError:
                if not self._reached or monotonic() > deadline:
                    raise
                sleep(_SECONDS_BETWEEN_TRIES)
            else:
                self._reached = True
                return connection
