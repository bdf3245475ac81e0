"""The life of a detection: pending, running, and then success, error or cancelled."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlmodel import Session

from models.metadata import metadata
from models.queries.kinds import DETECTION
from models.queries.lifecycle import claim, end, fail, start
from models.queries.sources import get_source_names
from models.status import UNFINISHED, Status
from models.tables.anomaly import AnomalyRow
from models.tables.detection import Detection, DetectionRequest
from models.tables.fitted_detector import FittedDetector
from models.tables.results import DetectionResult

_STORED_AT_ONCE = 10_000


def create_detections(
    session: Session,
    requests: Sequence[DetectionRequest],
    now: datetime,
    *,
    batch_id: UUID | None = None,
    comparison_id: UUID | None = None,
) -> list[Detection]:
    """Store one pending detection a request, in the same order.

    Args:
        session: where to store them.
        requests: what is asked for.
        now: the time of creation.
        batch_id: the batch they are part of.
        comparison_id: the comparison they are part of.

    Raises:
        UnknownSourceError: a request names a source that is not registered.
    """
    names = get_source_names(session, {request.source_id for request in requests})
    detections = [
        Detection(
            **vars(request),
            batch_id=batch_id,
            comparison_id=comparison_id,
            source_name=names[request.source_id],
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
        RunStatusError: it has ended already.
    """
    detection = claim(session, DETECTION, detection_id, *UNFINISHED)
    start(detection, now)
    session.flush()
    return detection


def finish_detection(
    session: Session, detection_id: UUID, result: DetectionResult, now: datetime
) -> Detection:
    """Turn a running detection to success and store everything it found.

    Raises:
        UnknownDetectionError: there is none of this id.
        RunStatusError: it is not running.
    """
    detection = claim(session, DETECTION, detection_id, Status.RUNNING)
    detection.features = result.features
    detection.left_out = result.left_out
    detection.notices = result.notices
    detection.threshold = result.threshold
    detection.clean_rows = result.clean_rows
    detection.sample_size = result.sample_size
    detection.chunk_rows = result.chunk_rows
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
    detection.precision = result.precision
    detection.recall = result.recall
    end(detection, Status.SUCCESS, now)
    _store_findings(session, detection_id, result, now)
    return detection


def fail_detection(
    session: Session, detection_id: UUID, error_type: str, error_message: str, now: datetime
) -> Detection:
    """Turn an unfinished detection to error.

    Raises:
        UnknownDetectionError: there is none of this id.
        RunStatusError: it has ended already.
    """
    detection = claim(session, DETECTION, detection_id, *UNFINISHED)
    fail([detection], error_type, error_message, now)
    session.flush()
    return detection


def _store_findings(
    session: Session, detection_id: UUID, result: DetectionResult, now: datetime
) -> None:
    owner: dict[str, Any] = {"detection_id": detection_id}
    # Into the tables: the classes would double the time for 100,000 rows.
    for anomalies in _blocks(result.anomalies):
        rows = [owner | vars(row) for row in anomalies]
        session.execute(insert(metadata.tables["anomaly"]), rows)
    if result.columns:
        columns = [
            owner | {"position": position} | vars(column)
            for position, column in enumerate(result.columns)
        ]
        session.execute(insert(metadata.tables["column_summary"]), columns)
    if result.fitted is not None:
        size = len(result.fitted.payload)
        session.add(FittedDetector(**owner, **vars(result.fitted), size_bytes=size, created_at=now))
    session.flush()


def _blocks(rows: Sequence[AnomalyRow]) -> Iterator[Sequence[AnomalyRow]]:
    """A million rows as objects take gigabytes: they are made as they are asked for."""
    for first in range(0, len(rows), _STORED_AT_ONCE):
        yield rows[first : first + _STORED_AT_ONCE]
