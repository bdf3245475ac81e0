"""End a comparison that cannot go on."""

from uuid import UUID

from models.queries.comparison_life import fail_comparison as fail
from models.session import session_scope
from tasks.database import open_engine, utc_now


def fail_comparison(comparison_id: UUID, error: Exception) -> None:
    """End a comparison and its unfinished detections as ``error``, in the words of ``error``."""
    with session_scope(open_engine()) as session:
        fail(session, comparison_id, type(error).__name__, str(error), utc_now())
