"""Creating, finding and deleting comparisons, and reading what they found."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, func, select

from models.agreement_level import AgreementLevel
from models.paging import Page, check_page
from models.queries.kinds import COMPARISON
from models.queries.records import delete_record, find_record, list_records
from models.queries.runs import create_detections
from models.queries.sources import get_source_by_id
from models.status import Status
from models.tables.agreement_record import AgreementRecord
from models.tables.comparison import Comparison, ComparisonRequest
from models.tables.detection import Detection, DetectionRequest


def create_comparison(
    session: Session,
    request: ComparisonRequest,
    requests: Sequence[DetectionRequest],
    now: datetime,
) -> tuple[Comparison, list[Detection]]:
    """Store a pending comparison with one pending detection a request, in the same order.

    Raises:
        UnknownSourceError: the source is not registered.
        ValueError: the requests are not labelled apart.
    """
    labels = [request.label for request in requests if request.label is not None]
    if not labels or len(set(labels)) < len(requests):
        raise ValueError(f"expected detectors with a label of their own each, got {labels}")
    comparison = Comparison(
        **vars(request),
        source_name=get_source_by_id(session, request.source_id).name,
        labels=labels,
        created_at=now,
    )
    session.add(comparison)
    session.flush()
    return comparison, create_detections(session, requests, now, comparison_id=comparison.id)


def get_comparison(session: Session, comparison_id: UUID | str) -> Comparison:
    """Return a comparison by its id, or by the first digits of it if they fit no other.

    Raises:
        UnknownComparisonError: none fits, or the text cannot be the start of an id.
        AmbiguousIdError: several fit.
    """
    return find_record(session, COMPARISON, comparison_id)


def list_comparisons(
    session: Session,
    *,
    source_id: UUID | None = None,
    status: Status | None = None,
    offset: int = 0,
    limit: int = 20,
) -> Page[Comparison]:
    """Return comparisons, the latest first, only of this source and status if they are given."""
    conditions = {"source_id": source_id, "status": status}
    return list_records(session, COMPARISON, conditions, offset, limit)


def list_comparison_results(session: Session, comparison: Comparison) -> list[Detection]:
    """Return the detections of a comparison, in the order in which they were asked for."""
    found = session.exec(select(Detection).where(Detection.comparison_id == comparison.id)).all()
    by_label = {detection.label: detection for detection in found}
    return [by_label[label] for label in comparison.labels if label in by_label]


def list_agreement_records(
    session: Session,
    comparison_id: UUID,
    *,
    level: AgreementLevel | None = None,
    min_count: int = 1,
    offset: int = 0,
    limit: int = 20,
) -> Page[AgreementRecord]:
    """Return the rows that detectors of a comparison flag, those agreed on most first.

    Ranks begin with the rows that most detectors flag, so that those of a level, or flagged by a
    number of detectors, are neighbours.

    Args:
        session: where to look.
        comparison_id: the comparison.
        level: only rows of this level, if one is given.
        min_count: only rows that at least so many detectors flag.
        offset: rows before these.
        limit: the most rows wanted.
    """
    check_page(offset, limit)
    conditions = [col(AgreementRecord.comparison_id) == comparison_id]
    if level is not None:
        conditions.append(col(AgreementRecord.level) == level)
    if min_count > 1:
        conditions.append(col(AgreementRecord.count) >= min_count)
    ranks = select(func.min(AgreementRecord.rank), func.count()).where(*conditions)
    first, total = session.exec(ranks).one()
    if not total:
        return Page([], 0, offset, limit)
    rank, start = col(AgreementRecord.rank), first + offset
    page = select(AgreementRecord).where(*conditions, rank.between(start, start + limit - 1))
    return Page(list(session.exec(page.order_by(rank)).all()), total, offset, limit)


def delete_comparison(session: Session, comparison_id: UUID) -> None:
    """Delete a comparison with its detections, its records and all that belongs to them.

    Raises:
        UnknownComparisonError: there is none of this id.
    """
    delete_record(session, COMPARISON, comparison_id)
