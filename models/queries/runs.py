"""The life of a detection: pending, running, and then success, error or cancelled."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlmodel import Session, col, select

from models.errors import DetectionStatusError, UnknownDetectionError
from models.queries.sources import get_source_by_id
from models.status import Status
from models.tables.anomaly import Anomaly
from models.tables.column_summary import ColumnSummary
from models.tables.detection import Detection, DetectionRequest
from models.tables.fitted_detector import FittedDetector
from models.tables.results import DetectionResult

UNFINISHED = (Status.PENDING, Status.RUNNING)


def create_detections(
    session: Session, requests: Sequence[DetectionRequest], now: datetime
) -> list[Detection]:
    """Store one pending detection a request, in the same order.

    Raises:
        UnknownSourceError: a request names a source that is not registered.
    """
    detections = [
        Detection(
            **vars(request),
            source_name=get_source_by_id(session, request.source_id).name,
            created_at=now,
        )
        for request in requests
    ]
    session.add_all(detections)
    session.flush()
    return detections


def start_detection(session: Session, detection_id: UUID, now: datetime) -> Detection:
    """Turn a pending detection to running; a retry may start it again, and its time anew.

    Raises:
        UnknownDetectionError: there is none of this id.
        DetectionStatusError: it has ended already.
    """
    detection = _claim(session, detection_id, *UNFINISHED)
    detection.status = Status.RUNNING
    detection.started_at = now
    session.flush()
    return detection


def finish_detection(
    session: Session, detection_id: UUID, result: DetectionResult, now: datetime
) -> Detection:
    """Turn a running detection to success and store everything it found.

    Raises:
        UnknownDetectionError: there is none of this id.
        DetectionStatusError: it is not running.
    """
    detection = _claim(session, detection_id, Status.RUNNING)
    detection.features = result.features
    detection.left_out = result.left_out
    detection.threshold = result.threshold
    detection.clean_rows = result.clean_rows
    detection.total_rows = result.total_rows
    detection.scored_rows = result.scored_rows
    detection.anomaly_count = len(result.anomalies)
    detection.anomaly_rate = len(result.anomalies) / max(result.scored_rows, 1)
    detection.score_quantiles = result.score_quantiles
    detection.score_histogram = result.score_histogram
    detection.fingerprint = result.fingerprint
    detection.auroc = result.auroc
    detection.average_precision = result.average_precision
    detection.known_anomalies = result.known_anomalies
    detection.found_anomalies = result.found_anomalies
    _end(session, detection, Status.SUCCESS, now)
    _store_findings(session, detection_id, result, now)
    return detection


def fail_detection(
    session: Session, detection_id: UUID, error_type: str, error_message: str, now: datetime
) -> Detection:
    """Turn an unfinished detection to error.

    Raises:
        UnknownDetectionError: there is none of this id.
        DetectionStatusError: it has ended already.
    """
    detection = _claim(session, detection_id, *UNFINISHED)
    detection.error_type = error_type
    detection.error_message = error_message
    _end(session, detection, Status.ERROR, now)
    return detection


def cancel_unfinished(session: Session, flow_run_id: UUID, now: datetime) -> list[Detection]:
    """Turn what a flow run left unfinished to cancelled, and return it."""
    unfinished = session.exec(
        select(Detection)
        .where(Detection.flow_run_id == flow_run_id, col(Detection.status).in_(UNFINISHED))
        .with_for_update()
    ).all()
    for detection in unfinished:
        _end(session, detection, Status.CANCELLED, now)
    return list(unfinished)


def _claim(session: Session, detection_id: UUID, *expected: Status) -> Detection:
    """Return the detection, locked until the end of the transaction."""
    detection = session.get(Detection, detection_id, with_for_update=True)
    if detection is None:
        raise UnknownDetectionError(
            f"no detection has the id {detection_id}: it, or its source, was removed meanwhile"
        )
    if detection.status not in expected:
        raise DetectionStatusError(
            f"detection {detection_id} is {detection.status}, expected {' or '.join(expected)}: "
            "start a new one"
        )
    return detection


def _end(session: Session, detection: Detection, status: Status, now: datetime) -> None:
    detection.status = status
    detection.completed_at = now
    if detection.started_at is not None:
        detection.duration_ms = (now - detection.started_at) // timedelta(milliseconds=1)
    session.flush()


def _store_findings(
    session: Session, detection_id: UUID, result: DetectionResult, now: datetime
) -> None:
    owner: dict[str, Any] = {"detection_id": detection_id}
    anomalies = [owner | vars(row) for row in result.anomalies]
    if anomalies:  # into the table: the class would double the time for 100,000 of them
        session.execute(insert(Anomaly.metadata.tables["anomaly"]), anomalies)
    for position, column in enumerate(result.columns):
        session.add(ColumnSummary(**owner, position=position, **vars(column)))
    if result.fitted is not None:
        size = len(result.fitted.payload)
        session.add(FittedDetector(**owner, **vars(result.fitted), size_bytes=size, created_at=now))
    session.flush()
