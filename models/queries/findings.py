"""What a detection found."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from models.paging import Page, check_page
from models.tables.anomaly import Anomaly
from models.tables.column_summary import ColumnSummary
from models.tables.detection import Detection
from models.tables.fitted_detector import FittedDetector


def list_anomalies(
    session: Session, detection_id: UUID, *, offset: int = 0, limit: int = 20
) -> Page[Anomaly]:
    """Return anomalies of a detection, the strongest first; their ranks are their places."""
    check_page(offset, limit)
    detection = session.get(Detection, detection_id)
    total = 0 if detection is None else detection.anomaly_count or 0
    statement = (
        select(Anomaly)
        .where(
            col(Anomaly.detection_id) == detection_id,
            col(Anomaly.rank).between(offset + 1, offset + limit),
        )
        .order_by(col(Anomaly.rank))
    )
    return Page(list(session.exec(statement).all()), total, offset, limit)


def list_anomalous_rows(session: Session, detection_ids: Collection[UUID]) -> dict[UUID, list[int]]:
    """Return the row numbers of all anomalies of some detections, by detection, in order."""
    statement = (
        select(Anomaly.detection_id, Anomaly.row_index)
        .where(col(Anomaly.detection_id).in_(detection_ids))
        .order_by(col(Anomaly.row_index))
    )
    rows: dict[UUID, list[int]] = {detection_id: [] for detection_id in detection_ids}
    for detection_id, row in session.exec(statement):
        rows[detection_id].append(row)
    return rows


def find_anomaly(session: Session, detection_id: UUID, row_index: int) -> Anomaly | None:
    """Return the anomaly of one row, None if the row was not labelled."""
    return session.get(Anomaly, (detection_id, row_index))


def find_anomalies(
    session: Session,
    detection_id: UUID,
    row_indices: Collection[int],
    row_keys: Collection[str] = (),
) -> list[Anomaly]:
    """Return those of some rows, named by number or key, that are anomalies; strongest first."""
    wanted: ColumnElement[bool] = col(Anomaly.row_index).in_(row_indices)
    if row_keys:  # no index knows these
        wanted = or_(wanted, col(Anomaly.row_key).in_(row_keys))
    statement = (
        select(Anomaly)
        .where(col(Anomaly.detection_id) == detection_id, wanted)
        .order_by(col(Anomaly.rank), col(Anomaly.row_index))
    )
    return list(session.exec(statement).all())


def list_column_summaries(session: Session, detection_id: UUID) -> list[ColumnSummary]:
    """Return every column's summary, in the detection's order."""
    statement = (
        select(ColumnSummary)
        .where(ColumnSummary.detection_id == detection_id)
        .order_by(col(ColumnSummary.position))
    )
    return list(session.exec(statement).all())


def get_fitted_detector(session: Session, detection_id: UUID) -> FittedDetector | None:
    """Return the detector as a detection fitted it; None where it is not stored."""
    return session.get(FittedDetector, detection_id)
