"""Show why rows are anomalous in the Prefect UI."""

from typing import cast
from uuid import UUID

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from models.queries.detections import get_detection
from models.queries.explanations import list_explanations
from models.queries.findings import find_anomalies
from models.queries.sources import get_source_by_id
from models.session import session_scope
from reports.explanation_report import render_explanation_report
from tasks.artifact_key import artifact_key
from tasks.database import open_engine
from tasks.explain_rows import ExplainedRows
from tasks.explanation_facts import explanation_report


@task(cache_policy=NO_CACHE)
def publish_explanation_report(explained: ExplainedRows, max_features: int) -> UUID:
    """Draw the report of explained rows, and publish it as the artifact ``explanation-<source>``.

    Args:
        explained: the rows.
        max_features: features named for each row.

    Returns:
        The id of the artifact.
    """
    rows = explained.rows
    with session_scope(open_engine(), writes=False) as session:
        detection = get_detection(session, explained.detection_id)
        source = get_source_by_id(session, detection.source_id)
        explanations = list_explanations(
            session, detection.id, row_indices=rows, limit=len(rows)
        ).items
        anomalies = find_anomalies(session, detection.id, rows)
    report = explanation_report(detection, source, explanations, anomalies, explained, max_features)
    artifact = create_markdown_artifact(
        render_explanation_report(report),
        key=artifact_key("explanation", detection.source_name),
        description=f"Why rows of {detection.source_name} have their scores",
    )
    return cast(UUID, artifact)
