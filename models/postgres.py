"""Engines on PostgreSQL."""

from sqlalchemy import URL, Engine, create_engine

from models.encoding import dump_json
from models.errors import MissingDriverError
from models.url import describe_url

CONNECT_TIMEOUT_SECONDS = 10


def make_postgres_engine(url: URL) -> Engine:
    """Return an engine that replaces connections lost meanwhile.

    Raises:
        MissingDriverError: psycopg is not installed.
    """
    patient = url.update_query_dict({"connect_timeout": str(CONNECT_TIMEOUT_SECONDS), **url.query})
    try:
        return create_engine(
            patient,
            json_serializer=dump_json,
            hide_parameters=True,  # an error shows no rows of a source
            pool_pre_ping=True,
        )
    except ImportError as error:
        raise MissingDriverError(
            f"{describe_url(url)} needs a driver: pip install 'vigil[postgres]'"
        ) from error
