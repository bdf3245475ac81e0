"""Score a loaded table with one of the detectors of a comparison."""

from uuid import UUID

from prefect import task
from prefect.cache_policies import NO_CACHE

from detectors.agreement import Opinion
from models.queries.runs import start_detection
from tasks.database import repeated, utc_now
from tasks.load_table import LoadedTable
from tasks.record_failure import failure_recorded
from tasks.score_and_store import score_and_store


@task(task_run_name="score-{label}", cache_policy=NO_CACHE)
def score_detector(detection_id: UUID, label: str, loaded: LoadedTable) -> Opinion:
    """Fit and score one detector, and store everything it found in one transaction.

    Args:
        detection_id: a pending detection.
        label: of the detector in the comparison, which names the task run.
        loaded: the table, read once for all.

    Raises:
        DetectorError: the rows do not allow this detector.
        DatabaseError: the result cannot be stored.
    """
    with failure_recorded(detection_id):
        detection = repeated(lambda session: start_detection(session, detection_id, utc_now()))
        scored = score_and_store(
            detection, loaded.source, loaded.frame, loaded.table, loaded.notices
        )
    return Opinion(scored.scores, scored.decision.labels(scored.scores))
