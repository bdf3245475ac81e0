"""Which flow run works on a batch: one, until another one takes over what it left."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from models.clock import LifeCheck
from models.errors import BatchStuckError, BatchTakenOverError, NothingToResumeError
from models.queries.batch_life import resume_batch
from models.queries.kinds import BATCH
from models.queries.lifecycle import claim
from models.status import Status
from models.tables.batch import Batch
from models.tables.detection import Detection


def hold_batch(session: Session, batch_id: UUID, flow_run_id: UUID | None) -> None:
    """Lock a batch until the end of the transaction, as the flow run that works on it.

    This is what fences a flow run off that was taken for dead: a machine that slept, or was cut
    off from the database.

    Raises:
        UnknownBatchError: the batch was deleted meanwhile.
        BatchTakenOverError: another flow run works on it.
    """
    batch = claim(session, BATCH, batch_id)
    if batch.flow_run_id != flow_run_id:
        raise BatchTakenOverError(
            f"batch {batch_id} is worked on by flow run {batch.flow_run_id} now, since this one "
            "gave no sign of life: nothing is left to do here"
        )


def take_over_batch(
    session: Session,
    died: UUID,
    now: datetime,
    *,
    check: LifeCheck,
    flow_run_id: UUID | None = None,
) -> tuple[Batch, list[Detection]]:
    """Resume the batch of a flow run that died.

    However many ask, one gets it: the batch is not that flow run's any more then.

    Args:
        session: where it is kept.
        died: the flow run that worked on it.
        now: its fresh heartbeat.
        check: tells whether the flow run has died.
        flow_run_id: the flow run that works on it from now on.

    Returns:
        The batch, and its detections that did not succeed, as ``resume_batch`` has them.

    Raises:
        NothingToResumeError: there is none, a person asked to cancel it, or all succeeded.
        BatchAliveError: the flow run still works on it.
        BatchStuckError: it was resumed before, and nothing succeeded since.
    """
    of_flow_run = select(Batch).where(Batch.flow_run_id == died)
    batch = session.exec(of_flow_run.with_for_update()).one_or_none()
    if batch is None:
        raise NothingToResumeError(
            f"flow run {died} works on no batch: another one has taken it over, or there never "
            "was one"
        )
    if batch.cancel_requested_at is not None:
        raise NothingToResumeError(f"batch {batch.id} was to be cancelled")
    stuck = _was_resumed(batch) and not _has_progressed(session, batch)
    detections = resume_batch(session, batch.id, now, check=check, flow_run_id=flow_run_id)
    if stuck:
        raise BatchStuckError(
            f"batch {batch.id} was resumed and its process died again before one more source "
            "succeeded: one of them may be what ends it (is there memory for it?). `vigil batches "
            f"show {batch.id}` says which are missing, `vigil batch --resume {batch.id}` tries "
            "them once more"
        )
    return batch, detections


def _was_resumed(batch: Batch) -> bool:
    return batch.started_at != batch.created_at


def _has_progressed(session: Session, batch: Batch) -> bool:
    succeeded = select(Detection.id).where(
        Detection.batch_id == batch.id,
        Detection.status == Status.SUCCESS,
        col(Detection.completed_at) > batch.started_at,
    )
    return session.exec(succeeded.limit(1)).first() is not None
