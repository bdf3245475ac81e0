"""Tell Prefect, and whoever listens there, that a comparison is done."""

from uuid import UUID

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.events import emit_event

from models.queries.comparisons import get_comparison
from models.session import session_scope
from tasks.database import open_engine
from tasks.event_labels import related_source


@task(cache_policy=NO_CACHE)
def announce_comparison(comparison_id: UUID) -> None:
    """Emit ``vigil.comparison.completed`` with ids and counts."""
    with session_scope(open_engine(), writes=False) as session:
        comparison = get_comparison(session, comparison_id)
    emit_event(
        event="vigil.comparison.completed",
        resource={
            "prefect.resource.id": f"vigil.comparison.{comparison_id}",
            "prefect.resource.name": comparison.source_name,
            "vigil.comparison.status": comparison.status.value,
        },
        related=[related_source(comparison.source_name)],
        payload={
            "comparison_id": str(comparison_id),
            "source": comparison.source_name,
            "status": comparison.status.value,
            "detectors": comparison.labels,
            "succeeded": comparison.succeeded,
            "flagged_rows": comparison.flagged_rows,
            "flagged_by_all": comparison.flagged_by_all,
            "flagged_by_one": comparison.flagged_by_one,
        },
    )
