"""Say in the log and in the Prefect UI that anomalies could not be explained."""

from uuid import UUID

from prefect import get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from models.queries.detections import get_detection
from models.session import session_scope
from reports.explanation_error import render_explanation_error
from tasks.artifact_key import artifact_key
from tasks.database import open_engine


@task(cache_policy=NO_CACHE)
def publish_explanation_error(detection_id: UUID, reason: str) -> None:
    """Publish why a detection could not be explained, in place of its ``explanation-<source>``.

    Args:
        detection_id: the detection, which is as good as before.
        reason: what went wrong.
    """
    with session_scope(open_engine(), writes=False) as session:
        source = get_detection(session, detection_id).source_name
    get_run_logger().warning("the anomalies of %s are not explained: %s", source, reason)
    create_markdown_artifact(
        render_explanation_error(source, str(detection_id), reason),
        key=artifact_key("explanation", source),
        description=f"Why rows of {source} are not explained",
    )
