"""One clock for all machines that work on one database, and who is alive by it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session

# The settings allow no longer one.
LONGEST_LEASE = timedelta(hours=1)


def read_clock(session: Session) -> datetime:
    """Return the time by which machines judge whether another one is alive: the database's.

    Their own clocks may differ. A SQLite file belongs to one machine, whose clock is its clock.
    """
    if session.get_bind().dialect.name == "sqlite":
        return datetime.now(UTC)
    now: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return now.astimezone(UTC)


@dataclass(frozen=True)
class LifeCheck:
    """Tells a run that is alive from one that died, by its last sign of life or its lease.

    What lies further in the future than it can was written by a clock that was set back since, and
    is no sign of life.

    Attributes:
        now: by the database's clock.
        lease: for how long a sign of life counts; the same on all machines.
    """

    now: datetime
    lease: timedelta

    @property
    def longest_lease_end(self) -> datetime:
        """When a lease ends at the latest, on machines whose clocks or settings differ a little."""
        return self.now + 5 * self.lease

    def is_sign(self, time: datetime) -> bool:
        """Whether who gave its last sign of life at a time is alive."""
        return self.now - self.lease <= time <= self.now + self.lease

    def is_lease(self, expires_at: datetime | None) -> bool:
        """Whether a lease that ends at a time is held by somebody alive."""
        return expires_at is not None and self.now < expires_at <= self.longest_lease_end

    def has_sign(self, time: Any) -> ColumnElement[bool]:  # a column of datetimes
        """The condition of ``is_sign``."""
        condition: ColumnElement[bool] = time.between(self.now - self.lease, self.now + self.lease)
        return condition

    def is_free(self, expires_at: Any) -> ColumnElement[bool]:  # likewise
        """The opposite of ``is_lease``, as a condition."""
        condition: ColumnElement[bool] = (
            expires_at.is_(None) | (expires_at <= self.now) | (expires_at > self.longest_lease_end)
        )
        return condition
