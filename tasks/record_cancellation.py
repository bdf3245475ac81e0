"""Keep that a flow run was interrupted."""

from collections.abc import Iterator
from contextlib import contextmanager
from traceback import clear_frames
from uuid import UUID

from prefect.runtime import flow_run

from models.queries.cancellation import cancel_unfinished
from models.session import session_scope
from tasks.database import open_engine, utc_now


@contextmanager
def cancellation_recorded() -> Iterator[None]:
    """End as ``cancelled`` what the flow run leaves unfinished when it is interrupted.

    Ctrl-C, a termination signal and a cancellation in Prefect arrive as exceptions of a kind that
    is no ``Exception``; of one that is, whoever raised it keeps what it means. Nothing can be kept
    by a process that is killed.
    """
    try:
        yield
    except Exception:
        raise
    except BaseException as interruption:
        # It may have come in a transaction, whose lock the cursors in these frames go on holding.
        clear_frames(interruption.__traceback__)
        with session_scope(open_engine()) as session:
            cancel_unfinished(session, UUID(flow_run.id), utc_now())
        raise
