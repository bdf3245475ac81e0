"""Keep what ended a detection, whatever it was."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from prefect.context import TaskRunContext

from models.queries.runs import fail_detection
from models.session import session_scope
from sources.errors import TransientSourceError
from tasks.database import open_engine, utc_now


@contextmanager
def failure_recorded(detection_id: UUID) -> Iterator[None]:
    """End the detection as ``error`` with the type and words of what leaves the block.

    A transient error that Prefect is about to retry is not an end.
    """
    try:
        yield
    except Exception as error:
        if not (isinstance(error, TransientSourceError) and _is_retried()):
            with session_scope(open_engine()) as session:
                fail_detection(session, detection_id, type(error).__name__, str(error), utc_now())
        raise


def _is_retried() -> bool:
    context = TaskRunContext.get()
    return context is not None and context.task_run.run_count <= context.task.retries
