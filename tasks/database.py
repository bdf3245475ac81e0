"""The way from a flow run to Vigil's database."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import TypeVar

from sqlalchemy import Engine
from sqlmodel import Session
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_fixed

from models.errors import DatabaseUnavailableError
from models.schema import open_database
from models.session import session_scope
from settings import get_settings

T = TypeVar("T")

# A connection that is lost is one more try; while the database is away, the engine waits for it.
_TRIES = 3
_SECONDS_BETWEEN_TRIES = 1.0


def open_engine() -> Engine:
    """Return the engine of the database in the settings, its version checked.

    Raises:
        DatabaseError: it cannot be reached, or is of another version; the message says what to do.
    """
    return _open(get_settings().resolved_database_url, os.getpid())


def utc_now() -> datetime:
    """Return the time to write into the database."""
    return datetime.now(UTC)


def repeated(step: Callable[[Session], T], *, writes: bool = True) -> T:
    """Return what a step gives in a transaction, taken again if the database is lost in it.

    Args:
        step: may run twice, the second time after the first was committed: nobody can tell whether
            a commit was heard when its answer is not.
        writes: as ``session_scope`` has it.

    Raises:
        DatabaseError: the database failed, or stayed away.
    """
    for attempt in Retrying(
        retry=retry_if_exception_type(DatabaseUnavailableError),
        stop=stop_after_attempt(_TRIES),
        wait=wait_fixed(_SECONDS_BETWEEN_TRIES),
        reraise=True,
    ):
        with attempt, session_scope(open_engine(), writes=writes) as session:
            result = step(session)
    return result


@cache
def _open(url: str, process_id: int) -> Engine:
    # Once a process is enough: a migration under a running worker is an operator's decision.
    return open_database(url)
