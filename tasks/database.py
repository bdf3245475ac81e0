"""The way from a flow run to Vigil's database."""

import os
from datetime import UTC, datetime
from functools import cache

from sqlalchemy import Engine

from models.schema import open_database
from settings import get_settings


def open_engine() -> Engine:
    """Return the engine of the database in the settings, its version checked.

    Raises:
        DatabaseError: it cannot be reached, or is of another version; the message says what to do.
    """
    return _open(get_settings().resolved_database_url, os.getpid())


def utc_now() -> datetime:
    """Return the time to write into the database."""
    return datetime.now(UTC)


@cache
def _open(url: str, process_id: int) -> Engine:
    # Once a process is enough: a migration under a running worker is an operator's decision.
    return open_database(url)
