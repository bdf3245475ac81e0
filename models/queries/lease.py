"""Who works on a stream: at most one holder, by a lease that runs out if it is not renewed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, update
from sqlmodel import Session, col, select

from models.clock import LifeCheck
from models.errors import LeaseLostError, StreamHeldError
from models.queries.streams import lock_stream
from models.stream_status import POLLABLE, StreamStatus
from models.tables.stream import Stream


@dataclass(frozen=True)
class Lease:
    """What a holder has: a stream, and the token that stands for itself.

    Attributes:
        stream_id: the stream that is held.
        owner: a token that nobody else has.
    """

    stream_id: UUID
    owner: UUID


@dataclass(frozen=True)
class LeaseView:
    """What a holder sees of its stream.

    Attributes:
        status: what is to be done with the stream.
        updated_at: when its definition was last changed.
    """

    status: StreamStatus
    updated_at: datetime


def take_leases(
    session: Session,
    owner: UUID,
    now: datetime,
    expires_at: datetime,
    limit: int,
    *,
    among: Collection[UUID] | None = None,
    flow_run_id: UUID | None = None,
) -> list[Stream]:
    """Take streams that are to be polled and that nobody holds, those first that waited longest.

    However many ask at the same time, none gets what another gets, and none waits for another.

    Args:
        session: where they are kept; its transaction should end soon.
        owner: a token that stands for the new holder.
        now: a lease that expires until then is free, and so is one that ends so much later than
            the new ones that a clock was set back since.
        expires_at: of the new leases.
        limit: the most streams wanted.
        among: ids of the only streams wanted; None for all.
        flow_run_id: the flow run that will work on them.
    """
    wanted = select(Stream).where(
        col(Stream.status).in_(POLLABLE),
        col(Stream.source_id).is_not(None),
        LifeCheck(now, expires_at - now).is_free(col(Stream.lease_expires_at)),
    )
    if among is not None:
        wanted = wanted.where(col(Stream.id).in_(among))
    streams = session.exec(
        wanted.order_by(col(Stream.last_polled_at).nulls_first(), col(Stream.name))
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    for stream in streams:
        _grant(stream, owner, expires_at, flow_run_id)
    session.flush()
    return list(streams)


def take_lease(
    session: Session,
    lease: Lease,
    now: datetime,
    expires_at: datetime,
    flow_run_id: UUID | None = None,
) -> Stream:
    """Take one stream, whether or not it is polled.

    Raises:
        UnknownStreamError: it was deleted.
        StreamStatusError: it is paused, stopped or given up.
        StreamHeldError: somebody else works on it.
    """
    stream = lock_stream(session, lease.stream_id, *POLLABLE)
    if LifeCheck(now, expires_at - now).is_lease(stream.lease_expires_at):
        raise StreamHeldError(
            f"stream {stream.name} is worked on by flow run {stream.flow_run_id}: wait until that "
            f"has ended, or let it go with `vigil streams pause {stream.name}`"
        )
    _grant(stream, lease.owner, expires_at, flow_run_id)
    session.flush()
    return stream


def look_at_lease(session: Session, lease: Lease) -> LeaseView:
    """Return how the stream of a lease stands; writes nothing.

    Raises:
        LeaseLostError: another one holds the stream, or nobody does.
    """
    statement = select(Stream.status, Stream.updated_at).where(*held_by(lease))
    found = session.exec(statement).one_or_none()
    if found is None:
        raise lease_lost(lease)
    status, updated_at = found
    return LeaseView(StreamStatus(status), updated_at)


def renew_leases(session: Session, owner: UUID, expires_at: datetime) -> int:
    """Hold all streams of ``owner`` for longer, and return how many these are."""
    statement = (
        update(Stream)
        .where(col(Stream.lease_owner) == owner)
        .values(lease_expires_at=expires_at)
        .returning(col(Stream.id))
    )
    return len(session.execute(statement).all())


def take_from_dead(session: Session, stream: Stream, check: LifeCheck) -> None:
    """Take a stream that is locked from a holder whose lease has run out, or cannot be one."""
    if not check.is_lease(stream.lease_expires_at):
        clear_lease(stream)
        session.flush()


def clear_lease(stream: Stream) -> None:
    """Take a stream that is locked from its holder."""
    stream.lease_owner = stream.lease_expires_at = None


def release_leases(session: Session, owner: UUID) -> int:
    """Let go of all that ``owner`` holds, and return how many these are."""
    statement = (
        update(Stream)
        .where(col(Stream.lease_owner) == owner)
        .values(lease_owner=None, lease_expires_at=None)
        .returning(col(Stream.id))
    )
    return len(session.execute(statement).all())


def release_lease(session: Session, lease: Lease) -> None:
    """Let go of one stream, if it is still held."""
    session.execute(
        update(Stream).where(*held_by(lease)).values(lease_owner=None, lease_expires_at=None)
    )


def _grant(stream: Stream, owner: UUID, expires_at: datetime, flow_run_id: UUID | None) -> None:
    stream.lease_owner = owner
    stream.lease_expires_at = expires_at
    stream.flow_run_id = flow_run_id
    stream.status = StreamStatus.RUNNING


def held_by(lease: Lease) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the conditions that fence off everybody but the holder of a lease."""
    return col(Stream.id) == lease.stream_id, col(Stream.lease_owner) == lease.owner


def lease_lost(lease: Lease) -> LeaseLostError:
    """Return the error of a holder that has lost its stream."""
    return LeaseLostError(
        f"stream {lease.stream_id} is held by somebody else now, or was reset or deleted: what "
        "was read since the last checkpoint is left to its next holder"
    )
