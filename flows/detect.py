"""One source, one detector: scores, anomalies, report."""

from uuid import UUID

from prefect import flow

from detectors.batch.isolation_forest import IsolationForestConfig
from detectors.features import MissingPolicy
from detectors.registry import BatchConfig
from detectors.threshold import FalseAlarm, ThresholdPolicy
from flows.explain_strongest import explain_strongest
from flows.parameters import ExplainTop, SampleSize, Seed
from settings import get_settings
from tasks.announce_detection import announce_detection
from tasks.create_detections import create_detections
from tasks.detect_source import detect_source
from tasks.detection_request import DetectionRequest
from tasks.publish_report import publish_report
from tasks.signs_of_life import signs_of_life


@flow(flow_run_name="detect-{source}")
def detect(
    source: str,
    detector: BatchConfig = IsolationForestConfig(),
    columns: list[str] | None = None,
    sample_size: SampleSize = None,
    threshold: ThresholdPolicy = FalseAlarm(),
    missing: MissingPolicy = "impute",
    seed: Seed = 0,
    explain_top: ExplainTop = 0,
) -> UUID:
    """Find the anomalous rows of one source.

    Triggered by the form in the Prefect UI, by the API, by a schedule, or by ``vigil detect``.
    Reads the source and its registration; writes one Detection with all that belongs to it, a
    report as the artifact ``detection-<source>``, and the event ``vigil.detection.completed``.
    Requires a migrated database (``vigil db upgrade``).

    Args:
        source: Name of a registered source.
        detector: The algorithm, and its parameters.
        columns: Columns to watch. When empty, those of the source, else every numeric and boolean
            one.
        sample_size: Rows to fit on, drawn at random. All rows are scored anyway.
        threshold: How the score above which a row is an anomaly is chosen.
        missing: What to do with rows in which a value is missing.
        seed: The same seed gives the same result.
        explain_top: Explain so many of the strongest anomalies too. If that fails, it is said, and
            the detection stays as it is.

    Returns:
        The id of the Detection.

    Raises:
        SourceError: the source cannot be read; the Detection says so too.
        DetectorError: its rows do not allow this detection; the Detection says so too.
        DatabaseError: the database cannot be used.
        UnknownSourceError: there is no source of this name.
    """
    request = DetectionRequest(
        detector=detector,
        columns=columns,
        sample_size=sample_size,
        threshold=threshold,
        missing=missing,
        seed=seed,
    )
    with signs_of_life():
        [detection_id] = create_detections([source], request)
        detecting = detect_source.with_options(retries=get_settings().read_retries)
        found = detecting(detection_id, source, return_state=True)
        publish_report(detection_id)
        found.result()
        announce_detection(detection_id)
        explain_strongest([detection_id], explain_top, drawn=[detection_id])
    return detection_id
