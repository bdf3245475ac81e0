"""Storing, finding and listing explanations."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, or_
from sqlmodel import Session, col, select

from models.errors import UnknownExplanationError
from models.paging import Page, fetch_page
from models.queries.kinds import DETECTION
from models.queries.lifecycle import claim
from models.status import Status
from models.tables.detection import Detection
from models.tables.explanation import Explanation, ExplanationRow


def store_explanations(
    session: Session, detection_id: UUID, rows: Sequence[ExplanationRow], now: datetime
) -> None:
    """Store explanations of a detection; those of rows explained before are replaced.

    Raises:
        UnknownDetectionError: the detection was removed meanwhile.
        RunStatusError: it did not succeed.
    """
    claim(session, DETECTION, detection_id, Status.SUCCESS)  # two that explain the same row queue
    session.execute(
        delete(Explanation).where(
            col(Explanation.detection_id) == detection_id,
            col(Explanation.row_index).in_([row.row_index for row in rows]),
        )
    )
    owner = {"detection_id": detection_id, "created_at": now}
    session.execute(
        insert(Explanation.metadata.tables["explanation"]), [owner | vars(row) for row in rows]
    )


def find_explanations(
    session: Session,
    detection_id: UUID,
    row_indices: Collection[int],
    row_keys: Collection[str] = (),
) -> list[Explanation]:
    """Return what is stored of some rows of a detection, in the order of the source."""
    statement = (
        select(Explanation)
        .where(
            Explanation.detection_id == detection_id,
            or_(
                col(Explanation.row_index).in_(row_indices),
                col(Explanation.row_key).in_(row_keys),
            ),
        )
        .order_by(col(Explanation.row_index))
    )
    return list(session.exec(statement).all())


def get_explanation(session: Session, detection_id: UUID, row_index: int) -> Explanation:
    """Return the explanation of one row.

    Raises:
        UnknownExplanationError: the row was not explained.
    """
    found = session.get(Explanation, (detection_id, row_index))
    if found is None:
        raise UnknownExplanationError(
            f"row {row_index} of detection {detection_id} is not explained: run `vigil explain "
            f"{detection_id} --row {row_index}`"
        )
    return found


def list_explanations(
    session: Session,
    detection_id: UUID,
    *,
    row_indices: Collection[int] | None = None,
    offset: int = 0,
    limit: int = 20,
) -> Page[Explanation]:
    """Return explanations of a detection, the highest scores first.

    Args:
        session: where to look.
        detection_id: the detection.
        row_indices: only of these rows, if they are given.
        offset: explanations before these.
        limit: the most explanations wanted.
    """
    conditions = [col(Explanation.detection_id) == detection_id]
    if row_indices is not None:
        conditions.append(col(Explanation.row_index).in_(row_indices))
    highest_first = (col(Explanation.score).desc(), col(Explanation.row_index))
    return fetch_page(session, Explanation, conditions, highest_first, offset, limit)


def list_explainable(session: Session, detection_ids: Collection[UUID]) -> list[UUID]:
    """Return those detections that succeeded and found anomalies, the earliest first."""
    statement = select(Detection.created_at, Detection.id).where(
        col(Detection.id).in_(detection_ids),
        Detection.status == Status.SUCCESS,
        col(Detection.anomaly_count) > 0,
    )
    # Sorted here: the index of an order in the statement would be followed from end to end.
    return [detection_id for _, detection_id in sorted(session.exec(statement).all())]
