from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from models.agreement_level import AgreementLevel
from models.errors import RunStatusError
from models.queries.comparison_life import (
    cancel_comparison,
    fail_comparison,
    finish_comparison,
    start_comparison,
)
from models.queries.comparisons import (
    create_comparison,
    get_comparison,
    list_agreement_records,
)
from models.queries.runs import fail_detection, finish_detection, start_detection
from models.session import session_scope
from models.status import Status
from tests.models.examples import (
    NOW,
    agreement_row,
    comparison_request,
    comparison_result,
    request_for,
    result,
)

LATER = NOW + timedelta(seconds=2.5)


@pytest.fixture
def session(engine):
    with session_scope(engine) as session:
        yield session


def running_comparison(session, source, *states):
    """Return a running comparison with a detection in each of the states, and the detections."""
    requests = [request_for(source, label=str(n)) for n in range(len(states))]
    comparison, detections = create_comparison(session, comparison_request(source), requests, NOW)
    start_comparison(session, comparison.id, NOW)
    for detection, state in zip(detections, states, strict=True):
        start_detection(session, detection.id, NOW)
        if state == "success":
            finish_detection(session, detection.id, result(), LATER)
        if state == "error":
            fail_detection(session, detection.id, "DetectorError", "too few rows", LATER)
    return comparison, detections


def test_a_finished_comparison_keeps_everything_it_found(session, source):
    comparison, _ = running_comparison(session, source, "success", "success")
    found = comparison_result()
    finish_comparison(session, comparison.id, found, LATER)
    session.expire_all()
    assert (comparison.status, comparison.duration_ms) == (Status.SUCCESS, 2500)
    kept = {name: value for name, value in vars(found).items() if name != "records"}
    assert {name: getattr(comparison, name) for name in kept} == kept
    records = list_agreement_records(session, comparison.id).items
    assert [{name: getattr(row, name) for name in vars(found.records[0])} for row in records] == [
        vars(row) for row in found.records
    ]
    assert [record.count for record in records] == [2, 1, 1]


def test_the_levels_sum_to_the_distinct_flagged_rows(session, source):
    comparison, _ = running_comparison(session, source, "success", "success", "error")
    levels = ["all", "majority", "majority", "some", "one", "one", "one"]
    rows = [
        agreement_row(rank, "a", level=AgreementLevel(level))
        for rank, level in enumerate(levels, 1)
    ]
    finish_comparison(session, comparison.id, comparison_result(records=rows), LATER)
    by_level = (
        comparison.flagged_by_all,
        comparison.flagged_by_majority,
        comparison.flagged_by_some,
        comparison.flagged_by_one,
    )
    assert by_level == (1, 2, 1, 3)
    assert comparison.flagged_rows == sum(by_level) == 7
    assert (comparison.succeeded, comparison.total_detectors) == (2, 3)


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (["success", "success"], Status.SUCCESS),
        (["success", "error"], Status.PARTIAL),
        (["error", "error"], Status.ERROR),
    ],
)
def test_a_comparison_ends_as_its_detections_did(session, source, states, expected):
    comparison, _ = running_comparison(session, source, *states)
    nothing = comparison_result(pairs=[], level_grades=None, records=[])
    finish_comparison(session, comparison.id, nothing, LATER)
    session.expire_all()
    assert comparison.status is expected
    assert comparison.succeeded == states.count("success")
    assert (comparison.flagged_rows, comparison.level_grades) == (0, None)


def test_a_comparison_with_unfinished_detections_cannot_be_finished(session, source):
    comparison, _ = running_comparison(session, source, "success", "running")
    with pytest.raises(RunStatusError, match="1 of 2 detections are unfinished"):
        finish_comparison(session, comparison.id, comparison_result(), LATER)


def test_a_failure_in_the_middle_of_finishing_leaves_nothing_behind(engine, source):
    with session_scope(engine) as session:
        comparison, _ = running_comparison(session, source, "success")
    twice = [agreement_row(1, "0", row_index=5), agreement_row(2, "0", row_index=5)]
    with pytest.raises(IntegrityError), session_scope(engine) as session:
        finish_comparison(session, comparison.id, comparison_result(records=twice), LATER)
    with session_scope(engine, writes=False) as session:
        stored = get_comparison(session, comparison.id)
        assert (stored.status, stored.pairs) == (Status.RUNNING, None)
        assert list_agreement_records(session, comparison.id).total == 0


def test_a_comparison_that_fails_ends_what_is_unfinished_and_keeps_the_rest(session, source):
    comparison, detections = running_comparison(session, source, "success", "running")
    failed = fail_comparison(session, comparison.id, "SourceError", "gone", LATER)
    session.expire_all()
    assert failed == [detections[1]]
    for run in (comparison, detections[1]):
        assert (run.status, run.error_type, run.error_message) == (
            Status.ERROR,
            "SourceError",
            "gone",
        )
    assert detections[0].status is Status.SUCCESS


def test_cancelling_keeps_what_is_finished_and_ends_the_rest(session, source):
    comparison, detections = running_comparison(session, source, "success", "error", "running")
    assert cancel_comparison(session, comparison.id, LATER) == [detections[2]]
    session.expire_all()
    assert [run.status for run in (comparison, *detections)] == [
        Status.CANCELLED,
        Status.SUCCESS,
        Status.ERROR,
        Status.CANCELLED,
    ]


def test_a_comparison_that_has_ended_stays_as_it_is(session, source):
    comparison, _ = running_comparison(session, source, "success")
    cancel_comparison(session, comparison.id, NOW)
    steps = [
        lambda: start_comparison(session, comparison.id, LATER),
        lambda: finish_comparison(session, comparison.id, comparison_result(), LATER),
        lambda: fail_comparison(session, comparison.id, "SourceError", "gone", LATER),
        lambda: cancel_comparison(session, comparison.id, LATER),
    ]
    for step in steps:
        with pytest.raises(RunStatusError, match=r"is cancelled.*`vigil comparisons show"):
            step()
    assert comparison.completed_at == NOW
