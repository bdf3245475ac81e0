"""Ending what a flow run leaves behind when it is cancelled."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from models.queries.lifecycle import end, lock_runs
from models.status import Status
from models.tables.batch import Batch
from models.tables.comparison import Comparison
from models.tables.detection import Detection
from models.tables.run import Run


def cancel_unfinished(session: Session, flow_run_id: UUID, now: datetime) -> list[Run]:
    """Turn what a flow run left unfinished to cancelled, and return it.

    These are its batch or comparison, if it has one, and its detections; nothing may be left.
    """
    unfinished: list[Run] = [
        *lock_runs(session, Batch, Batch.flow_run_id == flow_run_id),
        *lock_runs(session, Comparison, Comparison.flow_run_id == flow_run_id),
        *lock_runs(session, Detection, Detection.flow_run_id == flow_run_id),
    ]
    for run in unfinished:
        end(run, Status.CANCELLED, now)
    session.flush()
    return unfinished
