"""Keep what became of a task that could not say so itself."""

from typing import Any
from uuid import UUID

from prefect.client.schemas.objects import State
from sqlmodel import Session

from models.queries.detections import get_detection
from models.queries.runs import fail_detection
from models.status import UNFINISHED, Status
from tasks.database import repeated, utc_now


def settle_detection(detection_id: UUID, state: State[Any]) -> None:
    """End a detection whose task is over, if the task did not.

    Args:
        detection_id: the detection.
        state: the last state of its task run.
    """
    if state.is_completed():
        return
    error_type, message = state.name or "Failed", state.message or "no message"

    def settle(session: Session) -> None:
        if get_detection(session, detection_id).status in UNFINISHED:
            fail_detection(session, detection_id, error_type, message, utc_now())

    repeated(settle)


def has_begun(detection_id: UUID) -> bool:
    """Return whether a task has taken up a detection."""
    detection = repeated(lambda session: get_detection(session, detection_id), writes=False)
    return detection.status is not Status.PENDING
