"""How far a batch is, and what it found so far."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, func, select

from models.queries.batches import get_batch
from models.queries.lifecycle import count_statuses
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

    @property
    def finished(self) -> int:
        """Detections that have ended, however."""
        return self.total - self.pending - self.running

    @property
    def percent(self) -> float:
        """Share of the detections that have ended, from 0 to 100."""
        return 100.0 * self.finished / self.total if self.total else 100.0


def batch_progress(
    session: Session, batch_id: UUID, *, max_current_sources: int = 10
) -> BatchProgress:
    """Count a batch's detections and sum what they found.

    Raises:
        UnknownBatchError: there is none of this id.
    """
    get_batch(session, batch_id)
    of_batch = col(Detection.batch_id) == batch_id
    counts = count_statuses(session, of_batch)
    sums = select(
        func.sum(Detection.anomaly_count),
        func.sum(Detection.scored_rows),
        func.sum(Detection.total_rows),
        func.avg(Detection.anomaly_rate),
    ).where(of_batch, col(Detection.status) == Status.SUCCESS)
    *numbers, mean_rate = session.execute(sums).one()
    anomalies, scored_rows, rows = (int(number or 0) for number in numbers)
    current = (
        select(col(Detection.source_name))
        .where(of_batch, col(Detection.status) == Status.RUNNING)
        .order_by(col(Detection.started_at), col(Detection.source_name))
        .limit(max_current_sources)
    )
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
        current_sources=tuple(session.exec(current).all()),
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
    sources = select(Detection.source_id).where(Detection.batch_id == batch.id)
    newest_first = (col(Detection.created_at).desc(), col(Detection.id).desc())
    age = func.row_number().over(partition_by=col(Detection.source_id), order_by=newest_first)
    earlier = (
        select(Detection.source_id, Detection.anomaly_rate, age.label("age"))
        .where(
            col(Detection.source_id).in_(sources),
            Detection.status == Status.SUCCESS,
            Detection.created_at < batch.created_at,
            Detection.algorithm == batch.algorithm,
            Detection.threshold_policy == batch.threshold_policy,
        )
        .subquery()
    )
    rates: dict[UUID, list[float]] = {}
    statement = select(earlier.c.source_id, earlier.c.anomaly_rate)
    for source_id, rate in session.execute(
        statement.where(earlier.c.age <= limit).order_by(earlier.c.source_id, earlier.c.age)
    ):
        rates.setdefault(source_id, []).append(rate)
    return rates
