"""Show a comparison in the Prefect UI."""

from collections import Counter
from collections.abc import Mapping
from typing import cast
from uuid import UUID

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from detectors.agreement import Opinion
from models.agreement_level import AgreementLevel
from models.queries.comparisons import (
    get_comparison,
    list_agreement_records,
    list_comparison_results,
)
from models.queries.findings import list_column_summaries
from models.queries.sources import get_source_by_id
from models.session import session_scope
from models.status import Status
from reports.comparison_report import render_comparison_report
from tasks.artifact_key import artifact_key
from tasks.comparison_report_facts import comparison_report
from tasks.database import open_engine

_TOP = 20


@task(cache_policy=NO_CACHE)
def publish_comparison_report(comparison_id: UUID, opinions: Mapping[str, Opinion]) -> UUID:
    """Draw the report of a comparison, and publish it as the artifact ``comparison-<source>``.

    Args:
        comparison_id: a comparison that has ended.
        opinions: what its detectors said, by label, for the chart of scores.

    Returns:
        The id of the artifact.
    """
    with session_scope(open_engine(), writes=False) as session:
        comparison = get_comparison(session, comparison_id)
        source = get_source_by_id(session, comparison.source_id)
        detections = list_comparison_results(session, comparison)
        top = list_agreement_records(session, comparison_id, limit=_TOP).items
        lonely = list_agreement_records(
            session,
            comparison_id,
            level=AgreementLevel.ONE,
            limit=max(comparison.flagged_by_one or 0, 1),
        ).items
        succeeded = [one for one in detections if one.status is Status.SUCCESS]
        columns = list_column_summaries(session, succeeded[0].id) if succeeded else []
    alone = Counter(record.detectors[0] for record in lonely)
    report = comparison_report(comparison, source, detections, alone, top, columns, opinions)
    artifact = create_markdown_artifact(
        render_comparison_report(report),
        key=artifact_key("comparison", comparison.source_name),
        description=f"Detectors compared on {comparison.source_name}",
    )
    return cast(UUID, artifact)
