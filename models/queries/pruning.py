"""Removing what is old, a few thousand rows in each transaction.

A run is first marked as one that is being removed, which takes its result from it; then what
belongs to it goes, piece by piece, and the run itself at last. Whatever interrupts this, nobody
takes what is left for a whole result, and the next time removes it.
"""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, or_, tuple_, update
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.base import Table
from models.paging import count_rows
from models.queries.retention import (
    ENDED,
    PRUNED,
    Retention,
    expired_alerts,
    expired_comparisons,
    expired_detections,
    expired_fitted,
    expired_points,
    is_empty_batch,
    is_old_batch,
    is_pruned,
)
from models.status import Status
from models.tables.agreement_record import AgreementRecord
from models.tables.alert import Alert
from models.tables.anomaly import Anomaly
from models.tables.batch import Batch
from models.tables.column_summary import ColumnSummary
from models.tables.comparison import Comparison
from models.tables.detection import Detection
from models.tables.explanation import Explanation
from models.tables.fitted_detector import FittedDetector
from models.tables.stream_point import StreamPoint

_MARK = {
    "status": Status.ERROR,
    "error_type": PRUNED,
    "error_message": "it is old, and being removed: `vigil prune` goes on with it",
}
# A fitted detector may be some megabytes.
_ROWS_PER_FITTED = 50

Conditions = dict[type[Table], ColumnElement[bool]]


def mark_detections(session: Session, ids: Sequence[UUID]) -> list[UUID]:
    """Take their results from detections, but those pinned or taken up again meanwhile.

    Returns:
        Those that are being removed from now on.
    """
    marked = (
        update(Detection)
        .where(
            col(Detection.id).in_(ids),
            col(Detection.status).in_(ENDED),
            col(Detection.pinned).is_(False),
        )
        .values(**_MARK, anomaly_count=None, anomaly_rate=None)
        .returning(col(Detection.id))
    )
    return list(session.execute(marked).scalars())


def mark_comparisons(session: Session, ids: Sequence[UUID]) -> tuple[list[UUID], list[UUID]]:
    """Take their results from comparisons, but those of which a detection was pinned meanwhile.

    Returns:
        Those that are being removed from now on, and their detections.
    """
    pinned = select(Detection.comparison_id).where(
        col(Detection.comparison_id).in_(ids), col(Detection.pinned).is_(True)
    )
    marked = (
        update(Comparison)
        .where(
            col(Comparison.id).in_(ids),
            col(Comparison.status).in_(ENDED),
            col(Comparison.id).not_in(pinned),
        )
        .values(**_MARK, flagged_rows=None)
        .returning(col(Comparison.id))
    )
    comparisons = list(session.execute(marked).scalars())
    detections = select(Detection.id).where(col(Detection.comparison_id).in_(comparisons))
    return comparisons, mark_detections(session, session.exec(detections).all())


def delete_detections(session: Session, ids: Sequence[UUID], limit: int) -> Counter[str]:
    """Delete up to ``limit`` rows of what belongs to marked detections, and at last these.

    Returns:
        Rows by table; nothing once all is gone.
    """
    marked = and_(col(Detection.id).in_(ids), is_pruned(Detection))
    owners = select(Detection.id).where(marked)
    return _delete_next(session, {**_belongings(owners), Detection: marked}, limit)


def delete_comparisons(session: Session, ids: Sequence[UUID], limit: int) -> Counter[str]:
    """Delete up to ``limit`` records of marked comparisons, and at last these.

    Returns:
        Rows by table; nothing once all is gone.
    """
    marked = and_(col(Comparison.id).in_(ids), is_pruned(Comparison))
    owners = select(Comparison.id).where(marked)
    records = col(AgreementRecord.comparison_id).in_(owners)
    return _delete_next(session, {AgreementRecord: records, Comparison: marked}, limit)


def delete_others(session: Session, retention: Retention, limit: int) -> Counter[str]:
    """Delete up to ``limit`` rows that are old for themselves, and batches of which all is gone.

    Returns:
        Rows by table; nothing once all is gone.
    """
    conditions = _old_by_themselves(retention)
    if retention.fitted_before is not None:
        conditions[FittedDetector] = expired_fitted(retention.fitted_before)
    conditions[Batch] = and_(is_old_batch(retention), is_empty_batch())
    return _delete_next(session, conditions, limit)


def count_expired(session: Session, retention: Retention) -> Counter[str]:
    """Return how many rows pruning would remove, by table; removes nothing."""
    comparisons = expired_comparisons(retention)
    detections = select(Detection.id).where(
        or_(
            col(Detection.id).in_(expired_detections(retention)),
            col(Detection.comparison_id).in_(comparisons),
        )
    )
    left = select(Detection.batch_id).where(
        col(Detection.batch_id).is_not(None), col(Detection.id).not_in(detections)
    )
    conditions: Conditions = {
        Batch: and_(is_old_batch(retention), col(Batch.id).not_in(left)),
        Comparison: col(Comparison.id).in_(comparisons),
        AgreementRecord: col(AgreementRecord.comparison_id).in_(comparisons),
        Detection: col(Detection.id).in_(detections),
        **_belongings(detections),
        **_old_by_themselves(retention),
    }
    if retention.fitted_before is not None:
        early = expired_fitted(retention.fitted_before)
        conditions[FittedDetector] = or_(conditions[FittedDetector], early)
    counts = {_name(table): count_rows(session, table, [one]) for table, one in conditions.items()}
    return Counter({name: count for name, count in counts.items() if count})


def _belongings(owners: SelectOfScalar[UUID]) -> Conditions:
    tables = (Anomaly, Explanation, ColumnSummary, FittedDetector)
    return {table: col(table.detection_id).in_(owners) for table in tables}


def _old_by_themselves(retention: Retention) -> Conditions:
    return {StreamPoint: expired_points(retention), Alert: expired_alerts(retention)}


def _delete_next(session: Session, conditions: Conditions, limit: int) -> Counter[str]:
    """Delete from the first table in which there is something to delete."""
    for table, condition in conditions.items():
        rows = max(limit // _ROWS_PER_FITTED, 1) if table is FittedDetector else limit
        key = table.metadata.tables[_name(table)].primary_key.columns
        some = select(*key).where(condition).limit(rows).correlate(None)
        deleted = session.execute(delete(table).where(tuple_(*key).in_(some)).returning(*key))
        if count := len(deleted.all()):
            return Counter({_name(table): count})
    return Counter()


def _name(table: type[Table]) -> str:
    return str(table.__tablename__)
