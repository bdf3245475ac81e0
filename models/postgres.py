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
# A machine that lost its power or network in a transaction says nothing: its locks would stay for
# the two hours after which systems ask by default. One that is frozen answers, and does nothing.
_NOTICE_DEAD_CLIENTS = """
SET tcp_keepalives_idle = 30;
SET tcp_keepalives_interval = 10;
SET tcp_keepalives_count = 3;
SET idle_in_transaction_session_timeout = '5min'
"""
_NOTICE_DEAD_SERVER = {
    "connect_timeout": str(CONNECT_TIMEOUT_SECONDS),
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",  # milliseconds
}


def make_postgres_engine(url: URL) -> Engine:
    """Return an engine that replaces connections lost meanwhile.

    A database that it has reached before may be restarting: new connections wait for its return.
    Both ends notice within about a minute that the other one is gone.

    Raises:
        MissingDriverError: psycopg is not installed.
    """
    patient = url.update_query_dict({**_NOTICE_DEAD_SERVER, **url.query})
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
    event.listen(engine, "connect", _notice_dead_clients)
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


def _notice_dead_clients(connection: Any, record: object) -> None:
    connection.execute(_NOTICE_DEAD_CLIENTS)
    connection.commit()  # what is set in a transaction that is undone would be undone too
