"""The life of a batch: pending, running, and then its end, from which it may be resumed."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col

from models.clock import LifeCheck
from models.errors import BatchAliveError, NothingToResumeError
from models.queries.heartbeats import is_alive
from models.queries.kinds import BATCH
from models.queries.lifecycle import (
    claim,
    count_statuses,
    end,
    fail,
    joint_status,
    lock_runs,
    start,
)
from models.status import UNFINISHED, Status
from models.tables.batch import Batch
from models.tables.detection import Detection

_NOT_SUCCEEDED = tuple(status for status in Status if status is not Status.SUCCESS)


def start_batch(session: Session, batch_id: UUID, now: datetime) -> Batch:
    """Turn a pending batch to running, with its first heartbeat.

    Raises:
        UnknownBatchError: there is none of this id.
        RunStatusError: it is not pending.
    """
    batch = claim(session, BATCH, batch_id, Status.PENDING)
    start(batch, now)
    batch.heartbeat_at = now
    session.flush()
    return batch


def beat(session: Session, batch_id: UUID, now: datetime) -> bool:
    """Give a sign of life of the flow run that works on a batch.

    Returns:
        Whether a person asked to cancel it.

    Raises:
        UnknownBatchError: the batch was deleted meanwhile.
        RunStatusError: it was ended meanwhile; there is nothing left to work on.
    """
    batch = claim(session, BATCH, batch_id, *UNFINISHED)
    batch.heartbeat_at = now
    session.flush()
    return batch.cancel_requested_at is not None


def request_cancel(session: Session, batch_id: UUID, now: datetime) -> Batch:
    """Ask the flow run that works on a batch to cancel it; it is told by its next heartbeat.

    Raises:
        UnknownBatchError: there is none of this id.
        RunStatusError: it has ended already.
    """
    batch = claim(session, BATCH, batch_id, *UNFINISHED)
    batch.cancel_requested_at = batch.cancel_requested_at or now
    session.flush()
    return batch


def cancel_batch(session: Session, batch_id: UUID, now: datetime) -> list[Detection]:
    """Turn a batch and its unfinished detections to cancelled; the others stay as they are.

    Returns:
        The detections that were unfinished.

    Raises:
        UnknownBatchError: there is none of this id.
        RunStatusError: it has ended already.
    """
    batch = claim(session, BATCH, batch_id, *UNFINISHED)
    unfinished = lock_runs(session, Detection, Detection.batch_id == batch_id)
    for run in (batch, *unfinished):
        end(run, Status.CANCELLED, now)
    session.flush()
    return unfinished


def finish_batch(session: Session, batch_id: UUID, now: datetime) -> Batch:
    """End a running batch whose detections have all ended.

    It is a success if they all succeeded, partial if some did, an error if none did.

    Raises:
        UnknownBatchError: there is none of this id.
        RunStatusError: it is not running, or some of its detections are unfinished.
    """
    batch = claim(session, BATCH, batch_id, Status.RUNNING)
    statuses = count_statuses(session, Detection.batch_id == batch_id)
    end(batch, joint_status(statuses), now)
    session.flush()
    return batch


def fail_batch(
    session: Session, batch_id: UUID, error_type: str, error_message: str, now: datetime
) -> list[Detection]:
    """End a batch that cannot go on: its unfinished detections fail with this error.

    The batch then ends as ``finish_batch`` has it, and keeps the error unless all succeeded.

    Returns:
        The detections that were unfinished.

    Raises:
        UnknownBatchError: there is none of this id.
        RunStatusError: it has ended already.
    """
    batch = claim(session, BATCH, batch_id, *UNFINISHED)
    of_batch = Detection.batch_id == batch_id
    unfinished = lock_runs(session, Detection, of_batch)
    fail(unfinished, error_type, error_message, now)
    session.flush()
    end(batch, joint_status(count_statuses(session, of_batch)), now)
    if batch.status is not Status.SUCCESS:
        batch.error_type = error_type
        batch.error_message = error_message
    session.flush()
    return unfinished


def fail_overdue(
    session: Session,
    batch_id: UUID,
    started_before: datetime,
    error_type: str,
    error_message: str,
    now: datetime,
) -> list[Detection]:
    """Turn to error the running detections of a batch that were started before some time.

    Returns:
        Those detections.
    """
    too_early = col(Detection.started_at) < started_before
    of_batch = col(Detection.batch_id) == batch_id
    overdue = lock_runs(session, Detection, of_batch & too_early, [Status.RUNNING])
    fail(overdue, error_type, error_message, now)
    session.flush()
    return overdue


def resume_batch(
    session: Session,
    batch_id: UUID,
    now: datetime,
    *,
    check: LifeCheck,
    flow_run_id: UUID | None = None,
) -> list[Detection]:
    """Turn a batch to running again, and its detections that did not succeed to pending.

    Args:
        session: where it is kept.
        batch_id: a batch that has ended, or whose flow run has died.
        now: its fresh heartbeat.
        check: tells whether the flow run of an unfinished batch has died.
        flow_run_id: the flow run that works on it from now on.

    Returns:
        Those detections by source name, but first those that were never begun: one that was may
        be what ended the process.

    Raises:
        UnknownBatchError: there is none of this id.
        BatchAliveError: a flow run still works on it.
        NothingToResumeError: all its detections succeeded.
    """
    batch = claim(session, BATCH, batch_id)
    if batch.status in UNFINISHED and is_alive(session, batch, check):
        last_sign = batch.heartbeat_at or batch.created_at
        raise BatchAliveError(
            f"batch {batch_id} is {batch.status} and gave a sign of life at "
            f"{last_sign.isoformat(timespec='seconds')}: wait for its end, or cancel it with "
            f"`vigil batches cancel {batch_id}`"
        )
    missing = lock_runs(session, Detection, Detection.batch_id == batch_id, _NOT_SUCCEEDED)
    if not missing:
        raise NothingToResumeError(
            f"batch {batch_id} misses nothing: all its detections succeeded; start a new batch "
            "with `vigil batch`"
        )
    missing.sort(key=lambda detection: (detection.started_at is not None, detection.source_name))
    for run in (batch, *missing):
        run.status = Status.PENDING
        run.flow_run_id = flow_run_id
        run.started_at = run.completed_at = run.duration_ms = None
        run.error_type = run.error_message = None
    start(batch, now)
    batch.heartbeat_at = now
    batch.cancel_requested_at = None
    session.flush()
    return missing
