"""Detect the anomalies of one source."""

from functools import partial
from uuid import UUID

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE
from sqlmodel import Session

from detectors.detection import prepare_table
from models.queries.runs import start_detection
from models.queries.sources import get_source_by_id
from models.tables.detection import Detection
from models.tables.source import Source
from tasks.database import repeated, utc_now
from tasks.detection_request import DetectionRequest
from tasks.read_source import RETRY_DELAYS, bad_rows, is_transient, log_notices, open_source
from tasks.record_failure import failure_recorded, source_named
from tasks.score_and_store import score_and_store
from tasks.score_in_chunks import is_large, score_in_chunks
from tasks.time_limit import time_limit


@task(
    task_run_name="detect-{source}",
    cache_policy=NO_CACHE,
    retry_delay_seconds=RETRY_DELAYS,
    retry_condition_fn=is_transient,
)
def detect_source(detection_id: UUID, source: str, timeout: float | None = None) -> int:
    """Read a source, fit and score, and store everything found in one transaction.

    A table larger than memory may hold is fitted on a sample and scored in chunks.

    Flows set the retries, by the settings; only a read that may succeed the next time is retried.

    Args:
        detection_id: a pending detection.
        source: name of its source, which names the task run.
        timeout: the longest one try may take, in seconds; None for no limit.

    Returns:
        The number of anomalies.

    Raises:
        SourceError: the source cannot be read.
        DetectorError: its rows do not allow this detection.
        DatabaseError: the result cannot be stored.
        TimeoutError: there is no result within ``timeout``.
    """
    logger = get_run_logger()
    with failure_recorded(detection_id), source_named(source), time_limit(timeout):
        detection, registered = repeated(partial(_begin, detection_id=detection_id))
        request = DetectionRequest.restored(detection)
        roles = request.roles(registered)
        logger.info("reading %s", source)
        bad = bad_rows(registered)
        with open_source(registered, roles.needed, bad) as opened:
            if is_large(opened):
                return score_in_chunks(detection, registered, opened, bad)
            frame = opened.whole()
        log_notices(bad.notices)
        logger.info("preparing %s rows x %s columns", f"{len(frame):,}", len(frame.columns))
        table = prepare_table(frame, roles, request.missing)
        scored = score_and_store(detection, registered, frame, table, bad.notices)
    return len(scored.flagged)


def _begin(session: Session, detection_id: UUID) -> tuple[Detection, Source]:
    detection = start_detection(session, detection_id, utc_now())
    return detection, get_source_by_id(session, detection.source_id)
