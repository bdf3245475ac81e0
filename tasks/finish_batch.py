"""End a batch, however it went."""

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from prefect import task
from prefect.cache_policies import NO_CACHE
from sqlmodel import Session

from models.queries.batch_holder import hold_batch
from models.queries.batch_life import cancel_batch as cancel
from models.queries.batch_life import fail_batch as fail
from models.queries.batch_life import finish_batch as finish
from models.queries.batch_progress import BatchProgress, batch_progress
from models.status import Status
from models.tables.detection import Detection
from tasks.create_batch import current_flow_run
from tasks.database import repeated, utc_now


@dataclass(frozen=True)
class BatchSummary:
    """How a batch went.

    Attributes:
        text: in one sentence.
    """

    succeeded: int
    text: str


@task(cache_policy=NO_CACHE)
def finish_batch(batch_id: UUID) -> BatchSummary:
    """End a batch whose detections have all ended, and return how it went."""
    status, progress = repeated(partial(_finish, batch_id=batch_id))
    text = (
        f"{status}: {progress.success} of {progress.total} sources, "
        f"{progress.total_anomalies:,} anomalies in {progress.total_rows:,} rows"
    )
    return BatchSummary(progress.success, text)


def cancel_batch(batch_id: UUID) -> int:
    """End a batch as cancelled, with what is not finished, and return how many those are."""
    return len(repeated(partial(_cancel, batch_id=batch_id)))


def fail_batch(batch_id: UUID, error: Exception) -> None:
    """End a batch that cannot go on: what is not finished fails in the words of ``error``."""
    repeated(partial(_fail, batch_id=batch_id, error=error))


def _finish(session: Session, batch_id: UUID) -> tuple[Status, BatchProgress]:
    hold_batch(session, batch_id, current_flow_run())
    status = finish(session, batch_id, utc_now()).status
    return status, batch_progress(session, batch_id)


def _cancel(session: Session, batch_id: UUID) -> list[Detection]:
    hold_batch(session, batch_id, current_flow_run())
    return cancel(session, batch_id, utc_now())


def _fail(session: Session, batch_id: UUID, error: Exception) -> None:
    hold_batch(session, batch_id, current_flow_run())
    fail(session, batch_id, type(error).__name__, str(error), utc_now())
