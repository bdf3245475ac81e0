"""What is old enough to be removed, and what is kept whatever its age."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, and_, or_
from sqlmodel import col, exists, func, select
from sqlmodel.sql.expression import SelectOfScalar

from models.status import UNFINISHED, Status
from models.stream_status import AlertState
from models.tables.alert import Alert
from models.tables.batch import Batch
from models.tables.comparison import Comparison
from models.tables.detection import Detection
from models.tables.fitted_detector import FittedDetector
from models.tables.stream_point import StreamPoint

# The error of a run that is being removed, piece by piece: it is no result any more.
PRUNED = "Pruned"

ENDED = tuple(status for status in Status if status not in UNFINISHED)


@dataclass(frozen=True)
class Retention:
    """What is to be kept.

    Attributes:
        before: runs and points from before that time may go, and alerts resolved before it.
        keep_last: so many detections of each source and algorithm stay whatever their age: those
            that succeeded, and as many of the others.
        fitted_before: fitted detectors from before that time go, though their detections stay;
            None to keep them as long as these.
    """

    before: datetime
    keep_last: int
    fitted_before: datetime | None = None


def expired_detections(retention: Retention) -> SelectOfScalar[UUID]:
    """Return the ids of the detections to remove that are in no comparison, the oldest first."""
    places = _places()
    ended_batches = select(Batch.id).where(col(Batch.status).in_(ENDED))
    old = and_(
        places.c.place > retention.keep_last,
        col(Detection.created_at) < retention.before,
        col(Detection.pinned).is_(False),
        or_(col(Detection.batch_id).is_(None), col(Detection.batch_id).in_(ended_batches)),
    )
    return (
        select(Detection.id)
        .join(places, places.c.id == col(Detection.id))
        .where(
            col(Detection.comparison_id).is_(None),
            col(Detection.status).in_(ENDED),
            or_(is_pruned(Detection), old),
        )
        .order_by(col(Detection.created_at), col(Detection.id))
    )


def expired_comparisons(retention: Retention) -> SelectOfScalar[UUID]:
    """Return the ids of the comparisons to remove, the oldest first.

    A comparison goes with all its detections or not at all.
    """
    places = _places()
    kept = (
        select(Detection.comparison_id)
        .join(places, places.c.id == col(Detection.id))
        .where(
            col(Detection.comparison_id).is_not(None),
            or_(places.c.place <= retention.keep_last, col(Detection.pinned).is_(True)),
        )
    )
    old = and_(col(Comparison.created_at) < retention.before, col(Comparison.id).not_in(kept))
    return (
        select(Comparison.id)
        .where(col(Comparison.status).in_(ENDED), or_(is_pruned(Comparison), old))
        .order_by(col(Comparison.created_at), col(Comparison.id))
    )


def is_old_batch(retention: Retention) -> ColumnElement[bool]:
    """Return the condition on batches to remove if none of their detections is left."""
    return and_(col(Batch.status).in_(ENDED), col(Batch.created_at) < retention.before)


def is_empty_batch() -> ColumnElement[bool]:
    """Return the condition on batches of which no detection is left."""
    return ~exists().where(col(Detection.batch_id) == col(Batch.id))


def expired_fitted(before: datetime) -> ColumnElement[bool]:
    """Return the condition on fitted detectors to remove before their detections."""
    pinned = select(Detection.id).where(col(Detection.pinned).is_(True))
    return and_(
        col(FittedDetector.created_at) < before, col(FittedDetector.detection_id).not_in(pinned)
    )


def expired_points(retention: Retention) -> ColumnElement[bool]:
    """Return the condition on stream points to remove; checkpoints know what was in them."""
    return col(StreamPoint.stored_at) < retention.before


def expired_alerts(retention: Retention) -> ColumnElement[bool]:
    """Return the condition on alerts to remove: resolved, and announced to everybody."""
    return and_(
        col(Alert.state) == AlertState.RESOLVED,
        col(Alert.created_at) < retention.before,
        col(Alert.resolved_at) < retention.before,
        col(Alert.next_attempt_at).is_(None),
    )


def is_pruned(table: type[Detection] | type[Comparison]) -> ColumnElement[bool]:
    """Return the condition on runs that were begun to be removed, and go in any case."""
    return and_(col(table.status) == Status.ERROR, col(table.error_type) == PRUNED)


def _places() -> Subquery:
    """Return the place of each detection among those of its source and algorithm, 1 the latest."""
    succeeded = col(Detection.status) == Status.SUCCESS
    same = (col(Detection.source_id), col(Detection.algorithm), succeeded)
    latest_first = (col(Detection.created_at).desc(), col(Detection.id).desc())
    place = func.row_number().over(partition_by=same, order_by=latest_first)
    return select(Detection.id, place.label("place")).subquery()
