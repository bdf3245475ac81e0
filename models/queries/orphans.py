"""Ending what a process that died left unfinished."""

from dataclasses import dataclass
from datetime import datetime
from shlex import quote
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func

from models.queries.batch_life import fail_batch
from models.queries.comparison_life import fail_comparison
from models.queries.lifecycle import fail, lock_runs
from models.tables.batch import Batch
from models.tables.comparison import Comparison
from models.tables.detection import Detection
from models.tables.run import Run

ORPHANED = "Orphaned"


@dataclass(frozen=True)
class EndedOrphans:
    """What was ended.

    Attributes:
        batches: whose flow run had died.
        comparisons: likewise.
        detections: that were unfinished, in those or alone.
    """

    batches: list[Batch]
    comparisons: list[Comparison]
    detections: list[Detection]


def repair_orphans(
    session: Session,
    stale_before: datetime,
    now: datetime,
    *,
    batch_id: UUID | None = None,
    started_before: datetime | None = None,
) -> EndedOrphans:
    """End runs that nobody works on any more, with the reason as their error.

    Args:
        session: where they are kept.
        stale_before: an unfinished batch without a heartbeat since is an orphan; one that never
            had any counts from its creation.
        now: the time of their end.
        batch_id: look at this batch only.
        started_before: an unfinished comparison, or detection of its own, that was started
            before is an orphan too; None leaves these alone, since they have no heartbeat.
    """
    detections: list[Detection] = []
    last_sign = func.coalesce(Batch.heartbeat_at, Batch.created_at)
    stale: ColumnElement[bool] = last_sign < stale_before
    if batch_id is not None:
        stale = stale & (col(Batch.id) == batch_id)
    batches = lock_runs(session, Batch, stale)
    for batch in batches:
        message = (
            f"nobody has worked on it since {_minute(batch.heartbeat_at or batch.created_at)}: "
            f"its process died; `vigil batch --resume {batch.id}` runs what is missing"
        )
        detections += fail_batch(session, batch.id, ORPHANED, message, now)
    if batch_id is not None or started_before is None:
        return EndedOrphans(batches, [], detections)
    comparisons = lock_runs(session, Comparison, _started_before(Comparison, started_before))
    for comparison in comparisons:
        message = _unended(comparison, f"vigil compare {quote(comparison.source_name)}")
        detections += fail_comparison(session, comparison.id, ORPHANED, message, now)
    alone = col(Detection.batch_id).is_(None) & col(Detection.comparison_id).is_(None)
    lone = lock_runs(session, Detection, alone & _started_before(Detection, started_before))
    for detection in lone:
        message = _unended(detection, f"vigil detect {quote(detection.source_name)}")
        fail([detection], ORPHANED, message, now)
    session.flush()
    return EndedOrphans(batches, comparisons, detections + lone)


def _started_before(table: type[Run], limit: datetime) -> ColumnElement[bool]:
    started: ColumnElement[bool] = func.coalesce(table.started_at, table.created_at) < limit
    return started


def _unended(run: Run, command: str) -> str:
    begun = _minute(run.started_at or run.created_at)
    return f"begun at {begun} and never ended: its process died; run `{command}` again"


def _minute(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC"
