"""Creating, finding and deleting batches."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, case, col, select

from models.paging import Page, fetch_page
from models.queries.kinds import BATCH
from models.queries.records import delete_record, find_record, list_records
from models.queries.runs import create_detections
from models.status import Status
from models.tables.batch import Batch, BatchRequest
from models.tables.detection import Detection, DetectionRequest


def create_batch(
    session: Session, request: BatchRequest, requests: Sequence[DetectionRequest], now: datetime
) -> tuple[Batch, list[Detection]]:
    """Store a pending batch with one pending detection a request, in the same order.

    Raises:
        UnknownSourceError: a request names a source that is not registered.
        ValueError: no requests.
    """
    if not requests:
        raise ValueError("a batch needs at least one source")
    batch = Batch(**vars(request), total_sources=len(requests), created_at=now)
    session.add(batch)
    session.flush()
    return batch, create_detections(session, requests, now, batch_id=batch.id)


def get_batch(session: Session, batch_id: UUID | str) -> Batch:
    """Return a batch by its id, or by the first digits of it if they fit no other.

    Raises:
        UnknownBatchError: none fits, or the text cannot be the start of an id.
        AmbiguousIdError: several fit.
    """
    return find_record(session, BATCH, batch_id)


def find_batch_of_flow_run(session: Session, flow_run_id: UUID) -> Batch | None:
    """Return the batch that a flow run works on, or did last; None if it has none yet."""
    return session.exec(select(Batch).where(Batch.flow_run_id == flow_run_id)).first()


def list_batches(
    session: Session, *, status: Status | None = None, offset: int = 0, limit: int = 20
) -> Page[Batch]:
    """Return batches, the latest first, only of this status if one is given."""
    return list_records(session, BATCH, {"status": status}, offset, limit)


def list_batch_results(
    session: Session,
    batch_id: UUID,
    *,
    status: Status | None = None,
    offset: int = 0,
    limit: int = 20,
) -> Page[Detection]:
    """Return the detections of a batch by source name, only of this status if one is given."""
    conditions = [col(Detection.batch_id) == batch_id]
    if status is not None:
        conditions.append(col(Detection.status) == status)
    by_name = (col(Detection.source_name), col(Detection.id))
    return fetch_page(session, Detection, conditions, by_name, offset, limit)


def list_notable_results(
    session: Session, batch_id: UUID, *, offset: int = 0, limit: int = 20
) -> Page[Detection]:
    """Return the detections of a batch, those that failed first, then the highest rates."""
    failed_first = case((col(Detection.status) == Status.ERROR, 0), else_=1)
    notable_first = (
        failed_first,
        col(Detection.anomaly_rate).desc().nulls_last(),
        col(Detection.source_name),
        col(Detection.id),
    )
    of_batch = [col(Detection.batch_id) == batch_id]
    return fetch_page(session, Detection, of_batch, notable_first, offset, limit)


def delete_batch(session: Session, batch_id: UUID) -> None:
    """Delete a batch with its detections and all that belongs to them.

    Raises:
        UnknownBatchError: there is none of this id.
    """
    delete_record(session, BATCH, batch_id)
