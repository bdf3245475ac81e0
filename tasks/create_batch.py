"""Write down a batch before it is begun, or take one up again."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run
from sqlmodel import Session

from models.queries.batch_life import resume_batch as resume
from models.queries.batch_life import start_batch
from models.queries.batches import create_batch as insert_batch
from models.queries.batches import get_batch
from models.queries.sources import get_source
from models.session import session_scope
from models.tables.batch import Batch
from models.tables.detection import Detection
from tasks.database import open_engine, utc_now
from tasks.detection_request import DetectionRequest
from tasks.stale_runs import give_sign_of_life, life_check


@dataclass(frozen=True)
class BatchWork:
    """What a batch has to do.

    Attributes:
        sources: name of each source, by its pending detection.
        source_timeout: the longest one source may take, in seconds; None for no limit.
    """

    batch_id: UUID
    sources: dict[UUID, str]
    max_workers: int
    source_timeout: float | None

    @classmethod
    def begun(cls, session: Session, batch: Batch, detections: Sequence[Detection]) -> "BatchWork":
        """Return what is left of a batch that was just started or resumed."""
        give_sign_of_life(session, batch.id)
        sources = {detection.id: detection.source_name for detection in detections}
        return cls(batch.id, sources, batch.max_workers, batch.source_timeout_seconds)


@task(cache_policy=NO_CACHE)
def create_batch(
    sources: Sequence[str],
    request: DetectionRequest,
    name: str | None,
    max_workers: int,
    source_timeout: float | None,
) -> BatchWork:
    """Create a batch with a pending detection a source, and start it.

    Raises:
        UnknownSourceError: no source has one of these names; nothing was created.
    """
    flow_run_id = current_flow_run()
    now = utc_now()
    with session_scope(open_engine()) as session:
        requests = [
            request.stored(get_source(session, source).id, flow_run_id) for source in sources
        ]
        stored = request.stored_batch(name, max_workers, source_timeout, flow_run_id)
        batch, detections = insert_batch(session, stored, requests, now)
        start_batch(session, batch.id, now)
        return BatchWork.begun(session, batch, detections)


@task(cache_policy=NO_CACHE)
def resume_batch(batch_id: UUID) -> BatchWork:
    """Take up a batch where it was left: what did not succeed is pending again.

    Raises:
        UnknownBatchError: there is none of this id.
        BatchAliveError: another flow run works on it.
        NothingToResumeError: everything succeeded.
    """
    with session_scope(open_engine()) as session:
        detections = resume(
            session,
            batch_id,
            utc_now(),
            check=life_check(session),
            flow_run_id=current_flow_run(),
        )
        return BatchWork.begun(session, get_batch(session, batch_id), detections)


def current_flow_run() -> UUID | None:
    """Return the id of the flow run this code is part of."""
    return UUID(flow_run.id) if flow_run.id else None
