"""Keep what ended a detection, whatever it was."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from prefect.context import TaskRunContext

from detectors.errors import DetectorError
from models.queries.runs import fail_detection
from tasks.database import repeated, utc_now
from tasks.read_source import may_succeed_later


@contextmanager
def failure_recorded(detection_id: UUID) -> Iterator[None]:
    """End the detection as ``error`` with the type and words of what leaves the block.

    An error after which Prefect tries again is not an end.
    """
    try:
        yield
    except Exception as error:
        if not (may_succeed_later(error) and _tries_are_left()):
            kind, message = type(error).__name__, str(error)
            repeated(
                lambda session: fail_detection(session, detection_id, kind, message, utc_now())
            )
        raise


@contextmanager
def source_named(source: str) -> Iterator[None]:
    """Put before what a detector says whose rows it is about: it does not know."""
    try:
        yield
    except DetectorError as error:
        raise DetectorError(f"{source}: {error}") from error


def _tries_are_left() -> bool:
    context = TaskRunContext.get()
    return context is not None and context.task_run.run_count <= context.task.retries
