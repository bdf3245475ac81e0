"""Tell Prefect, and whoever listens there, that rows are explained."""

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.events import emit_event

from models.queries.detections import get_detection
from models.queries.explanations import find_explanations
from models.session import session_scope
from tasks.database import open_engine
from tasks.event_labels import related_source
from tasks.explain_rows import ExplainedRows
from tasks.explanation_facts import importance

_FEATURES = 5


@task(cache_policy=NO_CACHE)
def announce_explanation(explained: ExplainedRows) -> None:
    """Emit ``vigil.explanation.completed`` with counts and the most important features."""
    with session_scope(open_engine(), writes=False) as session:
        detection = get_detection(session, explained.detection_id)
        explanations = find_explanations(session, detection.id, explained.rows)
    emit_event(
        event="vigil.explanation.completed",
        resource={
            "prefect.resource.id": f"vigil.explanation.{detection.id}",
            "prefect.resource.name": detection.source_name,
        },
        related=[related_source(detection.source_name)],
        payload={
            "detection_id": str(detection.id),
            "source": detection.source_name,
            "algorithm": detection.algorithm,
            "rows": len(explained.rows),
            "computed": len(explained.computed),
            "left_out": len(explained.left_out),
            "top_features": [one.feature for one in importance(explanations)[:_FEATURES]],
        },
    )
