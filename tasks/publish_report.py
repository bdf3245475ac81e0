"""Show a detection in the Prefect UI."""

from typing import cast
from uuid import UUID

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from models.queries.detections import get_detection
from models.queries.findings import list_anomalies, list_column_summaries
from models.queries.sources import get_source_by_id
from models.session import session_scope
from models.status import Status
from reports.detection_report import render_detection_report
from reports.error_report import render_error_report
from tasks.artifact_key import artifact_key
from tasks.database import open_engine
from tasks.report_facts import detection_report, error_report

_TOP = 20


@task(cache_policy=NO_CACHE)
def publish_report(detection_id: UUID) -> UUID:
    """Draw the report of a detection that has ended, and publish it as a markdown artifact.

    Returns:
        The id of the artifact; its key is ``detection-<source>``.
    """
    with session_scope(open_engine(), writes=False) as session:
        detection = get_detection(session, detection_id)
        source = get_source_by_id(session, detection.source_id)
        top = list_anomalies(session, detection_id, limit=_TOP).items
        columns = list_column_summaries(session, detection_id)
    if detection.status is Status.SUCCESS:
        markdown = render_detection_report(detection_report(detection, source, top, columns))
    else:
        markdown = render_error_report(error_report(detection))
    artifact_id = create_markdown_artifact(
        markdown,
        key=artifact_key("detection", detection.source_name),
        description=f"Anomalies of {detection.source_name}",
    )
    return cast(UUID, artifact_id)
