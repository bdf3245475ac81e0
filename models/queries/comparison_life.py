"""The life of a comparison: pending, running, and then its end."""

from collections import Counter
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlmodel import Session

from models.agreement_level import AgreementLevel
from models.queries.kinds import COMPARISON
from models.queries.lifecycle import (
    claim,
    count_statuses,
    end,
    fail,
    joint_status,
    lock_runs,
    start,
)
from models.status import UNFINISHED, Status
from models.tables.agreement_record import AgreementRecord
from models.tables.comparison import Comparison
from models.tables.detection import Detection
from models.tables.results import ComparisonResult


def start_comparison(session: Session, comparison_id: UUID, now: datetime) -> Comparison:
    """Turn a pending comparison to running; a retry may start it again, and its time anew.

    Raises:
        UnknownComparisonError: there is none of this id.
        RunStatusError: it has ended already.
    """
    comparison = claim(session, COMPARISON, comparison_id, *UNFINISHED)
    start(comparison, now)
    session.flush()
    return comparison


def finish_comparison(
    session: Session, comparison_id: UUID, result: ComparisonResult, now: datetime
) -> Comparison:
    """End a running comparison whose detections have all ended, and store what they agree on.

    It is a success if they all succeeded, partial if some did, an error if none did.

    Raises:
        UnknownComparisonError: there is none of this id.
        RunStatusError: it is not running, or some of its detections are unfinished.
    """
    comparison = claim(session, COMPARISON, comparison_id, Status.RUNNING)
    statuses = count_statuses(session, Detection.comparison_id == comparison_id)
    levels = Counter(record.level for record in result.records)
    comparison.total_rows = result.total_rows
    comparison.scored_rows = result.scored_rows
    comparison.features = result.features
    comparison.left_out = result.left_out
    comparison.fingerprint = result.fingerprint
    comparison.succeeded = statuses[Status.SUCCESS]
    comparison.flagged_rows = len(result.records)
    comparison.flagged_by_all = levels[AgreementLevel.ALL]
    comparison.flagged_by_majority = levels[AgreementLevel.MAJORITY]
    comparison.flagged_by_some = levels[AgreementLevel.SOME]
    comparison.flagged_by_one = levels[AgreementLevel.ONE]
    comparison.pairs = list(result.pairs)
    comparison.level_grades = result.level_grades
    end(comparison, joint_status(statuses), now)
    session.flush()
    records = [
        vars(row) | {"comparison_id": comparison_id, "count": len(row.detectors)}
        for row in result.records
    ]
    if records:  # into the table: the class would double the time for 100,000 of them
        session.execute(insert(AgreementRecord.metadata.tables["agreement_record"]), records)
    return comparison


def fail_comparison(
    session: Session, comparison_id: UUID, error_type: str, error_message: str, now: datetime
) -> list[Detection]:
    """Turn an unfinished comparison and its unfinished detections to error.

    Returns:
        The detections that were unfinished.

    Raises:
        UnknownComparisonError: there is none of this id.
        RunStatusError: it has ended already.
    """
    comparison = claim(session, COMPARISON, comparison_id, *UNFINISHED)
    unfinished = lock_runs(session, Detection, Detection.comparison_id == comparison_id)
    fail((comparison, *unfinished), error_type, error_message, now)
    session.flush()
    return unfinished


def cancel_comparison(session: Session, comparison_id: UUID, now: datetime) -> list[Detection]:
    """Turn a comparison and its unfinished detections to cancelled; the others stay as they are.

    Returns:
        The detections that were unfinished.

    Raises:
        UnknownComparisonError: there is none of this id.
        RunStatusError: it has ended already.
    """
    comparison = claim(session, COMPARISON, comparison_id, *UNFINISHED)
    unfinished = lock_runs(session, Detection, Detection.comparison_id == comparison_id)
    for run in (comparison, *unfinished):
        end(run, Status.CANCELLED, now)
    session.flush()
    return unfinished
