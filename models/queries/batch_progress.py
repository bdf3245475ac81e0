"""How far a batch is, and what it found so far."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, func, select

from models.queries.batches import get_batch
from models.status import Status
from models.tables.batch import Batch
from models.tables.detection import Detection


@dataclass(frozen=True)
class BatchProgress:
    """The detections of a batch by status, and sums over those that succeeded.

    Attributes:
        total: its detections; those of sources removed meanwhile are gone.
        pending: detections that wait.
        running: detections that are worked on.
        success: detections that succeeded.
        error: detections that failed.
        cancelled: detections that were cancelled.
        total_anomalies: anomalies of the detections that succeeded.
        total_rows: rows that these read.
        weighted_rate: anomalies per scored row, over all their rows; None if none succeeded.
        unweighted_rate: mean of their anomaly rates, each source counted once; None likewise.
        current_sources: some of the sources that are worked on, the longest first.
        current_source_id: the first of them; None where none is.
    """

    total: int
    pending: int
    running: int
    success: int
    error: int
    cancelled: int
    total_anomalies: int
    total_rows: int
    weighted_rate: float | None
    unweighted_rate: float | None
    current_sources: tuple[str, ...]
    current_source_id: UUID | None

    @property
    def finished(self) -> int:
        """Detections that have ended, however."""
        return self.total - self.pending - self.running

    @property
    def percent(self) -> float:
        """Share of the detections that have ended, from 0 to 100."""
        return 100.0 * self.finished / self.total if self.total else 100.0

    @property
    def text(self) -> str:
        """How far it is, in words: 37 of 200 sources done, 2 failed; now: orders, payments."""
        failed = f", {self.error:,} failed" if self.error else ""
        cancelled = f", {self.cancelled:,} cancelled" if self.cancelled else ""
        now = f"; now: {', '.join(self.current_sources)}" if self.current_sources else ""
        done = self.finished - self.cancelled
        return f"{done:,} of {self.total:,} sources done{failed}{cancelled}{now}"


def batch_progress(
    session: Session, batch_id: UUID, *, max_current_sources: int = 10
) -> BatchProgress:
    """Count a batch's detections and sum what they found.

    Raises:
        UnknownBatchError: there is none of this id.
    """
    batch = get_batch(session, batch_id)
    return batches_progress(session, [batch.id], max_current_sources=max_current_sources)[batch.id]


def batches_progress(
    session: Session, batch_ids: Collection[UUID], *, max_current_sources: int = 10
) -> dict[UUID, BatchProgress]:
    """Return the progress of several batches by id, in two statements however many they are."""
    batch_id, status = col(Detection.batch_id), col(Detection.status)
    sums = (
        select(batch_id, status, func.count())
        .add_columns(
            func.sum(Detection.anomaly_count),
            func.sum(Detection.scored_rows),
            func.sum(Detection.total_rows),
            func.avg(Detection.anomaly_rate),
        )
        .where(batch_id.in_(batch_ids))
        .group_by(batch_id, status)
    )
    groups: dict[UUID, dict[Status, Sequence[Any]]] = {one: {} for one in batch_ids}
    for owner, group, *numbers in session.execute(sums):
        groups[owner][group] = numbers
    running = (
        select(Detection.batch_id, Detection.source_id, Detection.source_name)
        .where(batch_id.in_(batch_ids), status == Status.RUNNING)
        .order_by(col(Detection.started_at), col(Detection.source_name))
    )
    current: dict[UUID, list[tuple[UUID, str]]] = {one: [] for one in batch_ids}
    for owner, source_id, name in session.execute(running):
        current[owner].append((source_id, name))
    return {one: _progress(groups[one], current[one], max_current_sources) for one in batch_ids}


def _progress(
    groups: Mapping[Status, Sequence[Any]],
    current: Sequence[tuple[UUID, str]],
    max_current_sources: int,
) -> BatchProgress:
    counts = Counter({status: numbers[0] for status, numbers in groups.items()})
    _, *sums, mean_rate = groups.get(Status.SUCCESS, (0, 0, 0, 0, None))
    anomalies, scored_rows, rows = (int(number or 0) for number in sums)
    return BatchProgress(
        total=counts.total(),
        pending=counts[Status.PENDING],
        running=counts[Status.RUNNING],
        success=counts[Status.SUCCESS],
        error=counts[Status.ERROR],
        cancelled=counts[Status.CANCELLED],
        total_anomalies=anomalies,
        total_rows=rows,
        weighted_rate=None if mean_rate is None else anomalies / max(scored_rows, 1),
        unweighted_rate=mean_rate,
        current_sources=tuple(name for _, name in current[:max_current_sources]),
        current_source_id=current[0][0] if current else None,
    )


def recent_rates(session: Session, batch: Batch, limit: int = 10) -> dict[UUID, list[float]]:
    """Return the last anomaly rates of the sources of a batch before it, the latest first.

    Only of successful detections by the same algorithm with the same threshold policy, since
    rates of others cannot be compared; a source without any is left out.

    Args:
        session: where to look.
        batch: a batch.
        limit: the most rates wanted of a source.
    """
    newest_first = (col(Detection.created_at).desc(), col(Detection.id).desc())
    earlier = (
        select(Detection.anomaly_rate)
        .where(
            Detection.status == Status.SUCCESS,
            Detection.created_at < batch.created_at,
            Detection.algorithm == batch.algorithm,
            Detection.threshold_policy == batch.threshold_policy,
        )
        .order_by(*newest_first)
        .limit(limit)
    )
    sources = session.exec(select(Detection.source_id).where(Detection.batch_id == batch.id)).all()
    # One statement a source: an index ends each after a few rows, whatever years lie before.
    rates = {
        source_id: [
            rate
            for rate in session.exec(earlier.where(Detection.source_id == source_id))
            if rate is not None
        ]
        for source_id in dict.fromkeys(sources)
    }
    return {source_id: found for source_id, found in rates.items() if found}
