"""One clock for all machines that work on one database."""

from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlmodel import Session


def read_clock(session: Session) -> datetime:
    """Return the time by which machines judge whether another one is alive: the database's.

    Their own clocks may differ. A SQLite file belongs to one machine, whose clock is its clock.
    """
    if session.get_bind().dialect.name == "sqlite":
        return datetime.now(UTC)
    now: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return now.astimezone(UTC)
