"""Find detections in which there is something to explain."""

from collections.abc import Collection
from uuid import UUID

from models.queries.explanations import list_explainable
from models.session import session_scope
from tasks.database import open_engine


def explainable(detection_ids: Collection[UUID]) -> list[UUID]:
    """Return those detections that succeeded and found anomalies."""
    with session_scope(open_engine(), writes=False) as session:
        return list_explainable(session, detection_ids)
