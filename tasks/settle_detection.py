"""Keep what became of a task that could not say so itself."""

from typing import Any
from uuid import UUID

from prefect.client.schemas.objects import State

from models.queries.detections import get_detection
from models.queries.runs import fail_detection
from models.session import session_scope
from models.status import UNFINISHED, Status
from tasks.database import open_engine, utc_now


def settle_detection(detection_id: UUID, state: State[Any]) -> None:
    """End a detection whose task is over, if the task did not.

    Args:
        detection_id: the detection.
        state: the last state of its task run.
    """
    if state.is_completed():
        return
    with session_scope(open_engine()) as session:
        if get_detection(session, detection_id).status in UNFINISHED:
            error_type, message = state.name or "Failed", state.message or "no message"
            fail_detection(session, detection_id, error_type, message, utc_now())


def has_begun(detection_id: UUID) -> bool:
    """Return whether a task has taken up a detection."""
    with session_scope(open_engine(), writes=False) as session:
        return get_detection(session, detection_id).status is not Status.PENDING
