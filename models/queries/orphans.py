"""Ending what a process that died left unfinished."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from shlex import quote
from uuid import UUID

from sqlalchemy import ColumnElement, delete, true
from sqlmodel import Session, col, select

from models.clock import LifeCheck
from models.queries.batch_life import fail_batch
from models.queries.comparison_life import fail_comparison
from models.queries.heartbeats import has_died
from models.queries.lease import clear_lease
from models.queries.lifecycle import fail, lock_runs
from models.tables.batch import Batch
from models.tables.comparison import Comparison
from models.tables.detection import Detection
from models.tables.heartbeat import Heartbeat
from models.tables.run import Run
from models.tables.stream import Stream

ORPHANED = "Orphaned"


@dataclass(frozen=True)
class EndedOrphans:
    """What was ended.

    Attributes:
        batches: whose flow run had died.
        comparisons: likewise.
        detections: that were unfinished, in those or alone.
        flow_runs: the last signs of life of flow runs of any kind that had died.
        streams: that were held by somebody who had died, and are free.
    """

    batches: list[Batch] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)
    detections: list[Detection] = field(default_factory=list)
    flow_runs: list[Heartbeat] = field(default_factory=list)
    streams: list[Stream] = field(default_factory=list)


def repair_orphans(
    session: Session,
    check: LifeCheck,
    *,
    known_dead: Collection[UUID] = (),
    force: bool = False,
) -> EndedOrphans:
    """End runs that nobody works on any more, with the reason as their error.

    However many repair at the same time, each run is ended once.

    Args:
        session: where they are kept.
        check: judges signs of life; its time is that of their end.
        known_dead: flow runs whose processes are known to have ended, whatever their last sign.
        force: end also what gave a sign of life.
    """
    now = check.now
    detections: list[Detection] = []

    def died(table: type[Run]) -> ColumnElement[bool]:
        return true() if force else has_died(table, check, known_dead)

    batches = lock_runs(session, Batch, died(Batch))
    for batch in batches:
        message = (
            f"nobody has worked on it since {_minute(batch.heartbeat_at or batch.created_at)}: "
            f"its process died; `vigil batch --resume {batch.id}` runs what is missing"
        )
        detections += fail_batch(session, batch.id, ORPHANED, message, now)
    comparisons = lock_runs(session, Comparison, died(Comparison))
    for comparison in comparisons:
        message = _unended(comparison, f"vigil compare {quote(comparison.source_name)}")
        detections += fail_comparison(session, comparison.id, ORPHANED, message, now)
    alone = col(Detection.batch_id).is_(None) & col(Detection.comparison_id).is_(None)
    lone = lock_runs(session, Detection, alone & died(Detection))
    for detection in lone:
        message = _unended(detection, f"vigil detect {quote(detection.source_name)}")
        fail([detection], ORPHANED, message, now)
    flow_runs = _end_flow_runs(session, check, known_dead, force)
    streams = _free_streams(session, check, {run.flow_run_id for run in flow_runs}, force)
    session.flush()
    return EndedOrphans(batches, comparisons, detections + lone, flow_runs, streams)


def _end_flow_runs(
    session: Session, check: LifeCheck, known_dead: Collection[UUID], force: bool
) -> list[Heartbeat]:
    gone = ~check.has_sign(col(Heartbeat.beat_at)) | col(Heartbeat.flow_run_id).in_(known_dead)
    statement = select(Heartbeat).order_by(col(Heartbeat.flow_run_id)).with_for_update()
    ended = list(session.exec(statement if force else statement.where(gone)).all())
    ids = [heartbeat.flow_run_id for heartbeat in ended]
    for heartbeat in ended:
        session.expunge(heartbeat)  # it is told of after its end
    session.execute(delete(Heartbeat).where(col(Heartbeat.flow_run_id).in_(ids)))
    return ended


def _free_streams(
    session: Session, check: LifeCheck, dead: Collection[UUID], force: bool
) -> list[Stream]:
    expires_at = col(Stream.lease_expires_at)
    gone = (expires_at > check.longest_lease_end) | (
        col(Stream.flow_run_id).in_(dead) & (expires_at > check.now)
    )
    held = select(Stream).where(expires_at.is_not(None)).order_by(col(Stream.id)).with_for_update()
    streams = list(session.exec(held if force else held.where(gone)).all())
    for stream in streams:
        clear_lease(stream)
    return streams


def _unended(run: Run, command: str) -> str:
    begun = _minute(run.started_at or run.created_at)
    return f"begun at {begun} and never ended: its process died; run `{command}` again"


def _minute(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC"
