"""Keep what became of a task that could not say so itself."""

from typing import Any
from uuid import UUID

from prefect.client.schemas.objects import State

from models.queries.detections import get_detection
from models.queries.runs import fail_detection
from models.session import session_scope
from models.status import UNFINISHED, Status
from tasks.database import open_engine, utc_now
from tasks.watch_batch import timed_out

KILLED = "its worker process was killed (perhaps out of memory): `vigil batch --resume` tries again"


def settle_detection(detection_id: UUID, state: State[Any], source_timeout: float | None) -> None:
    """End a detection whose task is over, if the task did not.

    Args:
        detection_id: the detection.
        state: the last state of its task run.
        source_timeout: the longest the task was allowed to take, in seconds.
    """
    if state.is_completed():
        return
    if state.name == "TimedOut" and source_timeout is not None:
        end_unfinished(detection_id, "TimeoutError", timed_out(source_timeout))
    else:
        end_unfinished(detection_id, state.name or "Failed", state.message or "no message")


def end_unfinished(detection_id: UUID, error_type: str, message: str) -> None:
    """End a detection as ``error`` unless it has ended already."""
    with session_scope(open_engine()) as session:
        if get_detection(session, detection_id).status in UNFINISHED:
            fail_detection(session, detection_id, error_type, message, utc_now())


def is_running(detection_id: UUID) -> bool:
    """Return whether work on a detection has begun and not ended."""
    with session_scope(open_engine(), writes=False) as session:
        return get_detection(session, detection_id).status is Status.RUNNING
