"""How far streams are, without what their detectors have learnt, which may be large."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select

from models.tables.checkpoint import Checkpoint
from models.tables.stream import Stream


@dataclass(frozen=True)
class StreamProgress:
    """How far a stream is; see ``Checkpoint`` for the fields."""

    columns: list[str]
    time_column: str | None
    warm_up_left: int
    rows_seen: int
    rows_scored: int
    rows_skipped: int
    rows_unscored: int
    alerts: int
    incidents: int


def stream_progress(
    session: Session, stream_ids: Collection[UUID] | None = None
) -> dict[UUID, StreamProgress]:
    """Return how far each stream is, or all; one that has seen no row is left out."""
    fields = [col(getattr(Checkpoint, name)) for name in StreamProgress.__annotations__]
    statement = select(Checkpoint.stream_id, *fields)
    if stream_ids is not None:
        statement = statement.where(col(Checkpoint.stream_id).in_(stream_ids))
    found = session.execute(statement)
    return {stream_id: StreamProgress(*values) for stream_id, *values in found}


def streams_by_id(session: Session, stream_ids: Collection[UUID]) -> dict[UUID, Stream]:
    """Return streams by their ids, in one query."""
    found = session.exec(select(Stream).where(col(Stream.id).in_(stream_ids)))
    return {stream.id: stream for stream in found}


def streams_of_flow_run(session: Session, flow_run_id: UUID) -> list[Stream]:
    """Return the streams that a flow run was the last to work on, by name."""
    statement = select(Stream).where(Stream.flow_run_id == flow_run_id)
    return list(session.exec(statement.order_by(col(Stream.name))).all())
