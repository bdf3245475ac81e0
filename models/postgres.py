"""Engines on PostgreSQL."""

from typing import Any

from sqlalchemy import URL, Engine, create_engine, event

from models.encoding import dump_json
from models.errors import MissingDriverError
from models.url import describe_url

CONNECT_TIMEOUT_SECONDS = 10
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
    event.listen(engine, "connect", _notice_dead_clients)
    return engine


def _notice_dead_clients(connection: Any, record: object) -> None:
    connection.execute(_NOTICE_DEAD_CLIENTS)
    connection.commit()  # what is set in a transaction that is undone would be undone too
