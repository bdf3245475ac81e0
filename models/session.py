"""Transactions."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlmodel import Session

from models.sqlite import WRITES


@contextmanager
def session_scope(engine: Engine, *, writes: bool = True) -> Iterator[Session]:
    """Give a session whose work is committed at the end, or undone if an error leaves the block.

    Objects read in it stay usable afterwards, detached.

    Args:
        engine: from ``make_engine``.
        writes: take SQLite's write lock at the start, so that writers queue; False for a block
            that only reads, which then waits for nobody and works on a read-only file.

    Raises:
        DatabaseError: the database failed, at the latest at the commit; nothing was written.
    """
    bound = engine.execution_options(**{WRITES: writes})
    with Session(bound, expire_on_commit=False) as session, session.begin():
        yield session
