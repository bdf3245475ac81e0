"""Pausing, resuming, stopping and resetting streams.

Whoever works on a stream notices within a tick. Nobody has to be asked: a reset takes the lease
away, and what its holder does after that is not stored.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col

from models.queries.lease import clear_lease
from models.queries.streams import lock_stream
from models.stream_status import StreamStatus
from models.tables.alert import Alert
from models.tables.checkpoint import Checkpoint
from models.tables.stream import Stream
from models.tables.stream_point import StreamPoint
from models.tables.stream_statistic import StreamStatistic


def pause_stream(session: Session, stream_id: UUID) -> Stream:
    """Let a stream rest until it is resumed, from where it is.

    Raises:
        UnknownStreamError: there is none of this id.
        StreamStatusError: it rests already.
    """
    stream = lock_stream(session, stream_id, StreamStatus.CREATED, StreamStatus.RUNNING)
    stream.status = StreamStatus.PAUSED
    session.flush()
    return stream


def stop_stream(session: Session, stream_id: UUID) -> Stream:
    """End a stream; what it found stays, and it can be resumed.

    Raises:
        UnknownStreamError: there is none of this id.
        StreamStatusError: it is stopped already.
    """
    others = [status for status in StreamStatus if status is not StreamStatus.STOPPED]
    stream = lock_stream(session, stream_id, *others)
    stream.status = StreamStatus.STOPPED
    session.flush()
    return stream


def resume_stream(session: Session, stream_id: UUID) -> Stream:
    """Let a stream that is paused, stopped or given up go on from where it is.

    Raises:
        UnknownStreamError: there is none of this id.
        StreamStatusError: it goes on already.
    """
    resting = (StreamStatus.PAUSED, StreamStatus.STOPPED, StreamStatus.ERROR)
    stream = lock_stream(session, stream_id, *resting)
    stream.status = StreamStatus.RUNNING
    stream.failures = 0
    stream.error_type = stream.error_message = None
    stream.next_poll_at = None
    session.flush()
    return stream


def reset_stream(session: Session, stream_id: UUID, now: datetime) -> Stream:
    """Let a stream begin anew: without what it learnt, its place in the source, and its alerts.

    Raises:
        UnknownStreamError: there is none of this id.
    """
    stream = lock_stream(session, stream_id)
    for table in (Alert, StreamPoint, StreamStatistic, Checkpoint):
        session.execute(delete(table).where(col(table.stream_id) == stream_id))
    clear_lease(stream)
    stream.status = StreamStatus.CREATED
    stream.failures = 0
    stream.error_type = stream.error_message = None
    stream.behind = stream.behind_unit = stream.last_polled_at = stream.next_poll_at = None
    stream.updated_at = now
    session.flush()
    return stream
