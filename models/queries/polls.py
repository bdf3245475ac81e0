"""What a holder notes on its stream after a poll, as long as it holds it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from models.queries.lease import Lease, LeaseView, clear_lease, held_by, lease_lost
from models.stream_status import StreamStatus
from models.tables.stream import Stream


@dataclass(frozen=True)
class Poll:
    """A poll that went well; see ``Stream`` for the fields."""

    polled_at: datetime
    next_poll_at: datetime | None
    behind: float | None = None
    behind_unit: str | None = None


@dataclass(frozen=True)
class Failure:
    """A poll that failed, or a step after it.

    Attributes:
        error_type: what it raised.
        error_message: what that said.
        failed_at: when.
        next_poll_at: when it is tried again.
    """

    error_type: str
    error_message: str
    failed_at: datetime
    next_poll_at: datetime


def renew_lease(session: Session, lease: Lease, expires_at: datetime, poll: Poll) -> LeaseView:
    """Hold a stream for longer after a poll that went well; locks it, as its holder.

    This is what fences a holder off: one that lost its lease cannot pass, and all that it wrote
    in the transaction is undone.

    Raises:
        LeaseLostError: another one holds the stream, or nobody does.
    """
    statement = (
        update(Stream)
        .where(*held_by(lease))
        .values(
            lease_expires_at=expires_at,
            last_polled_at=poll.polled_at,
            next_poll_at=poll.next_poll_at,
            behind=poll.behind,
            behind_unit=poll.behind_unit,
            failures=0,
            error_type=None,
            error_message=None,
        )
        .returning(col(Stream.status), col(Stream.updated_at))
    )
    found = session.execute(statement).one_or_none()
    if found is None:
        raise lease_lost(lease)
    return LeaseView(*found)


def record_stream_failure(
    session: Session, lease: Lease, expires_at: datetime, failure: Failure
) -> Stream:
    """Count a failure; after too many in a row the stream is given up, and let go.

    Raises:
        LeaseLostError: another one holds the stream, or nobody does.
    """
    stream = session.exec(select(Stream).where(*held_by(lease)).with_for_update()).one_or_none()
    if stream is None:
        raise lease_lost(lease)
    stream.failures += 1
    stream.error_type = failure.error_type
    stream.error_message = failure.error_message
    stream.last_polled_at = failure.failed_at
    stream.next_poll_at = failure.next_poll_at
    stream.lease_expires_at = expires_at
    if stream.failures >= stream.max_failures:
        stream.status = StreamStatus.ERROR
        stream.next_poll_at = None
        clear_lease(stream)
    session.flush()
    return stream
