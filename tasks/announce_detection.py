"""Tell Prefect, and whoever listens there, that a detection is done."""

from uuid import UUID

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.events import emit_event

from models.queries.detections import get_detection
from models.session import session_scope
from tasks.database import open_engine
from tasks.event_labels import rate_label, related_source


@task(cache_policy=NO_CACHE)
def announce_detection(detection_id: UUID) -> None:
    """Emit ``vigil.detection.completed``, labelled with the rate and related to the source."""
    with session_scope(open_engine(), writes=False) as session:
        detection = get_detection(session, detection_id)
    emit_event(
        event="vigil.detection.completed",
        resource={
            "prefect.resource.id": f"vigil.detection.{detection.id}",
            "prefect.resource.name": detection.source_name,
            **rate_label(detection.anomaly_rate),
        },
        related=[related_source(detection.source_name)],
        payload={
            "detection_id": str(detection.id),
            "source": detection.source_name,
            "algorithm": detection.algorithm,
            "status": detection.status.value,
            "rows": detection.scored_rows,
            "anomalies": detection.anomaly_count,
            "rate": detection.anomaly_rate,
            "threshold": detection.threshold,
        },
    )
