"""Tell Prefect, and whoever listens there, that a batch is done."""

from uuid import UUID

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.events import emit_event

from models.queries.batch_progress import batch_progress
from models.queries.batches import get_batch, list_notable_results
from models.session import session_scope
from tasks.database import open_engine
from tasks.event_labels import rate_label


@task(cache_policy=NO_CACHE)
def announce_batch(batch_id: UUID) -> None:
    """Emit ``vigil.batch.completed`` with ids and counts.

    It is labelled with the highest rate of a source, so that one automation can watch the events
    of batches and those of single detections.
    """
    with session_scope(open_engine(), writes=False) as session:
        batch = get_batch(session, batch_id)
        progress = batch_progress(session, batch_id)
        # The highest rate is the first after those that failed.
        notable = list_notable_results(session, batch_id, offset=progress.error, limit=1).items
    highest = notable[0].anomaly_rate if notable else None
    emit_event(
        event="vigil.batch.completed",
        resource={
            "prefect.resource.id": f"vigil.batch.{batch_id}",
            "prefect.resource.name": batch.name or str(batch_id),
            "vigil.batch.status": batch.status.value,
            **rate_label(highest),
        },
        payload={
            "batch_id": str(batch_id),
            "status": batch.status.value,
            "algorithm": batch.algorithm,
            "sources": progress.total,
            "succeeded": progress.success,
            "failed": progress.error,
            "anomalies": progress.total_anomalies,
            "rows": progress.total_rows,
            "weighted_rate": progress.weighted_rate,
            "unweighted_rate": progress.unweighted_rate,
            "highest_rate": highest,
            "highest_rate_source": notable[0].source_name if notable else None,
        },
    )
