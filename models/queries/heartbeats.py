"""Signs of life of flow runs."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, or_, update
from sqlmodel import Session, col, func, select

from models.clock import LifeCheck
from models.tables.batch import Batch
from models.tables.heartbeat import Heartbeat
from models.tables.run import Run


def give_sign(session: Session, heartbeat: Heartbeat) -> None:
    """Store a sign of life; the first one of a flow run says that it is under way."""
    session.merge(heartbeat)
    session.flush()


def remove_heartbeat(session: Session, flow_run_id: UUID) -> None:
    """Note that a flow run has ended."""
    found = session.get(Heartbeat, flow_run_id)
    if found is not None:
        session.delete(found)


def list_heartbeats(session: Session) -> list[Heartbeat]:
    """Return the flow runs that are under way, or were when they died."""
    return list(session.exec(select(Heartbeat).order_by(col(Heartbeat.started_at))).all())


def renew_heartbeats(session: Session, flow_run_ids: Collection[UUID], check: LifeCheck) -> None:
    """Give signs of life for flow runs whose processes are known to run."""
    statement = update(Heartbeat).where(col(Heartbeat.flow_run_id).in_(flow_run_ids))
    session.execute(statement.values(beat_at=check.now))


def is_alive(session: Session, run: Run, check: LifeCheck) -> bool:
    """Return whether an unfinished run, or its flow run, gave a sign of life of late."""
    own = run.heartbeat_at if isinstance(run, Batch) else run.started_at
    if check.is_sign(own or run.created_at):
        return True
    heartbeat = None if run.flow_run_id is None else session.get(Heartbeat, run.flow_run_id)
    return heartbeat is not None and check.is_sign(heartbeat.beat_at)


def has_died(
    table: type[Run], check: LifeCheck, known_dead: Collection[UUID]
) -> ColumnElement[bool]:
    """Return the condition that nobody works on an unfinished run.

    Args:
        table: of the run.
        check: judges signs of life.
        known_dead: flow runs whose processes are known to have ended.
    """
    own = func.coalesce(
        Batch.heartbeat_at if table is Batch else table.started_at, table.created_at
    )
    alive = select(Heartbeat.flow_run_id).where(check.has_sign(col(Heartbeat.beat_at)))
    flow_run_id = col(table.flow_run_id)
    gave_none = ~check.has_sign(own) & (flow_run_id.is_(None) | flow_run_id.not_in(alive))
    return or_(gave_none, flow_run_id.in_(known_dead))
