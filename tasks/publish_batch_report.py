"""Show a batch in the Prefect UI."""

from collections.abc import Mapping
from typing import cast
from uuid import UUID

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from models.queries.batch_progress import recent_rates
from models.queries.batches import get_batch, list_batch_results
from models.session import session_scope
from models.tables.batch import Batch
from models.tables.detection import Detection
from reports.batch_report import render_batch_report
from tasks.batch_report_facts import Rates, batch_report, by_surprise
from tasks.database import open_engine


@task(cache_policy=NO_CACHE)
def choose_reports(batch_id: UUID, most: int) -> list[UUID]:
    """Return the detections worth a report of their own, those that stand out first."""
    _, detections, rates = _load(batch_id)
    return [detection.id for detection in by_surprise(detections, rates)[:most]]


@task(cache_policy=NO_CACHE)
def publish_batch_report(batch_id: UUID, reports: Mapping[UUID, UUID]) -> UUID:
    """Draw the report of a batch, and publish it as the artifact ``batch-report``.

    Args:
        batch_id: a batch that has ended.
        reports: the artifact of each of its detections that has a report of its own.

    Returns:
        The id of the artifact.
    """
    batch, detections, rates = _load(batch_id)
    markdown = render_batch_report(batch_report(batch, detections, rates, reports))
    title = f"Batch {batch.name or batch.id}"
    return cast(UUID, create_markdown_artifact(markdown, key="batch-report", description=title))


def _load(batch_id: UUID) -> tuple[Batch, list[Detection], Rates]:
    with session_scope(open_engine(), writes=False) as session:
        batch = get_batch(session, batch_id)
        results = list_batch_results(session, batch_id, limit=max(batch.total_sources, 1))
        return batch, results.items, recent_rates(session, batch)
