"""What a stream has read, and what it knows."""

from collections.abc import Collection
from uuid import UUID

from sqlmodel import Session, col, select

from models.paging import Page, fetch_page
from models.tables.checkpoint import Checkpoint
from models.tables.stream_point import StreamPoint
from models.tables.stream_statistic import StreamStatistic


def list_points(
    session: Session, stream_id: UUID, *, flagged: bool | None = None, offset: int = 0, limit: int
) -> Page[StreamPoint]:
    """Return recent rows of a stream, the latest first, only flagged or others if that is given."""
    conditions = [col(StreamPoint.stream_id) == stream_id]
    if flagged is not None:
        conditions.append(col(StreamPoint.flagged).is_(flagged))
    latest_first = [col(StreamPoint.sequence).desc()]
    return fetch_page(session, StreamPoint, conditions, latest_first, offset, limit)


def list_stream_statistics(session: Session, stream_id: UUID) -> list[StreamStatistic]:
    """Return the statistics of every watched column, in their order."""
    statement = (
        select(StreamStatistic)
        .where(StreamStatistic.stream_id == stream_id)
        .order_by(col(StreamStatistic.position))
    )
    return list(session.exec(statement).all())


def find_checkpoint(session: Session, stream_id: UUID) -> Checkpoint | None:
    """Return where a stream is; None before its first row."""
    return session.get(Checkpoint, stream_id)


def known_point_keys(session: Session, stream_id: UUID, keys: Collection[str]) -> set[str]:
    """Return those of ``keys``, at most some hundred, that recent rows of a stream have."""
    statement = select(StreamPoint.row_key).where(
        StreamPoint.stream_id == stream_id, col(StreamPoint.row_key).in_(keys)
    )
    return {key for key in session.exec(statement).all() if key is not None}
