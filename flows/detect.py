"""One source, one detector: scores, anomalies, report."""

from uuid import UUID

from prefect import flow

from detectors.batch.isolation_forest import IsolationForestConfig
from detectors.threshold import FalseAlarm
from flows.parameters import (
    Columns,
    DetectorChoice,
    Missing,
    SampleSize,
    Seed,
    SourceName,
    Threshold,
)
from tasks.announce_detection import announce_detection
from tasks.create_detections import create_detections
from tasks.detect_source import detect_source
from tasks.detection_request import DetectionRequest
from tasks.publish_report import publish_report


@flow(flow_run_name="detect-{source}")
def detect(
    source: SourceName,
    detector: DetectorChoice = IsolationForestConfig(),
    columns: Columns = None,
    sample_size: SampleSize = None,
    threshold: Threshold = FalseAlarm(),
    missing: Missing = "impute",
    seed: Seed = 0,
) -> UUID:
    """Find the anomalous rows of one source.

    Triggered by the form in the Prefect UI, by the API, by a schedule, or by ``vigil detect``.
    Reads the source and its registration; writes one Detection with all that belongs to it, a
    report as the artifact ``detection-<source>``, and the event ``vigil.detection.completed``.
    Requires a migrated database (``vigil db upgrade``).

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
        columns=None if columns is None else tuple(columns),
        sample_size=sample_size,
        threshold=threshold,
        missing=missing,
        seed=seed,
    )
    [detection_id] = create_detections([source], request)
    found = detect_source(detection_id, source, return_state=True)
    publish_report(detection_id)
    found.result()
    announce_detection(detection_id)
    return detection_id
