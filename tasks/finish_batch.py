"""End a batch, however it went."""

from dataclasses import dataclass
from uuid import UUID

from prefect import task
from prefect.cache_policies import NO_CACHE

from models.queries.batch_holder import hold_batch
from models.queries.batch_life import cancel_batch as cancel
from models.queries.batch_life import fail_batch as fail
from models.queries.batch_life import finish_batch as finish
from models.queries.batch_progress import batch_progress
from models.session import session_scope
from tasks.create_batch import current_flow_run
from tasks.database import open_engine, utc_now


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
    with session_scope(open_engine()) as session:
        hold_batch(session, batch_id, current_flow_run())
        status = finish(session, batch_id, utc_now()).status
        progress = batch_progress(session, batch_id)
    text = (
        f"{status}: {progress.success} of {progress.total} sources, "
        f"{progress.total_anomalies:,} anomalies in {progress.total_rows:,} rows"
    )
    return BatchSummary(progress.success, text)


def cancel_batch(batch_id: UUID) -> int:
    """End a batch as cancelled, with what is not finished, and return how many those are."""
    with session_scope(open_engine()) as session:
        hold_batch(session, batch_id, current_flow_run())
        return len(cancel(session, batch_id, utc_now()))


def fail_batch(batch_id: UUID, error: Exception) -> None:
    """End a batch that cannot go on: what is not finished fails in the words of ``error``."""
    with session_scope(open_engine()) as session:
        hold_batch(session, batch_id, current_flow_run())
        fail(session, batch_id, type(error).__name__, str(error), utc_now())
