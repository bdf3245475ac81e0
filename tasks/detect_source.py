"""Detect the anomalies of one source."""

from typing import Any
from uuid import UUID

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task

from detectors.detection import prepare_table, score_table
from models.queries.runs import finish_detection, start_detection
from models.queries.sources import get_source_by_id
from models.session import session_scope
from sources.errors import TransientSourceError
from tasks.database import open_engine, utc_now
from tasks.detection_request import DetectionRequest
from tasks.detection_result import build_result
from tasks.read_source import read_source
from tasks.record_failure import failure_recorded


def _is_transient(task: Task[..., Any], task_run: TaskRun, state: State[Any]) -> bool:
    error = state.data if isinstance(state.data, BaseException) else None
    return isinstance(error, TransientSourceError)


@task(
    task_run_name="detect-{source}",
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=[2, 10],
    retry_condition_fn=_is_transient,
)
def detect_source(detection_id: UUID, source: str) -> int:
    """Read a source, fit and score, and store everything found in one transaction.

    Args:
        detection_id: a pending detection.
        source: name of its source, which names the task run.

    Returns:
        The number of anomalies.

    Raises:
        SourceError: the source cannot be read.
        DetectorError: its rows do not allow this detection.
        DatabaseError: the result cannot be stored.
    """
    logger = get_run_logger()
    engine = open_engine()
    with failure_recorded(detection_id):
        with session_scope(engine) as session:
            detection = start_detection(session, detection_id, utc_now())
            registered = get_source_by_id(session, detection.source_id)
        request = DetectionRequest.restored(detection)
        roles = request.roles(registered)
        logger.info("reading %s", source)
        frame = read_source(registered, roles.needed)
        logger.info("preparing %s rows x %s columns", f"{len(frame):,}", len(frame.columns))
        table = prepare_table(frame, roles, request.missing)
        logger.info("fitting and scoring with %s", request.detector.display_name)
        scored = score_table(
            table, request.detector, request.threshold, request.sample_size, request.seed
        )
        result = build_result(frame, registered, detection.algorithm, table, scored)
        with session_scope(engine) as session:
            finish_detection(session, detection_id, result, utc_now())
    logger.info("%s of %s rows are anomalies", len(scored.flagged), f"{len(table.X):,}")
    return len(scored.flagged)
