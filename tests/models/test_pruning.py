"""What pruning removes, and what stays."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func
from sqlmodel import select

from models.clock import LifeCheck
from models.errors import RunStatusError
from models.metadata import TABLES
from models.queries.batch_life import cancel_batch, resume_batch, start_batch
from models.queries.batches import create_batch, list_batch_results
from models.queries.comparison_life import finish_comparison, start_comparison
from models.queries.comparisons import create_comparison, get_comparison, list_comparison_results
from models.queries.detections import get_detection, list_detections, pin_detection
from models.queries.explanations import store_explanations
from models.queries.findings import get_fitted_detector, list_anomalies
from models.queries.pruning import (
    count_expired,
    delete_comparisons,
    delete_detections,
    delete_others,
    mark_comparisons,
    mark_detections,
)
from models.queries.retention import Retention, expired_comparisons, expired_detections
from models.queries.runs import create_detections, fail_detection, finish_detection, start_detection
from models.queries.sources import add_source
from models.session import session_scope
from models.status import Status
from models.stream_status import AlertState
from models.tables.alert import Alert
from models.tables.checkpoint import Checkpoint
from models.tables.stream_point import StreamPoint
from tests.models.examples import (
    NOW,
    batch_request,
    comparison_request,
    comparison_result,
    definition,
    explanation_row,
    request_for,
    result,
)
from tests.models.streams import add_stream, alert_of, checkpoint_of, point_of

DAY = timedelta(days=1)


@pytest.fixture
def session(engine):
    with session_scope(engine) as session:
        yield session


@pytest.fixture
def source(session):
    return add_source(session, definition(), NOW)


def older_than(days, keep_last=0, fitted_days=None):
    fitted_before = None if fitted_days is None else NOW - fitted_days * DAY
    return Retention(NOW - days * DAY, keep_last, fitted_before)


def detected(session, source, days_ago, status=Status.SUCCESS, **changes):
    """Return a detection that ended so many days ago."""
    at = NOW - days_ago * DAY
    [detection] = create_detections(session, [request_for(source, **changes)], at)
    if status is Status.PENDING:
        return detection
    start_detection(session, detection.id, at)
    if status is Status.SUCCESS:
        finish_detection(session, detection.id, result(), at)
    elif status is Status.ERROR:
        fail_detection(session, detection.id, "SourceError", "gone", at)
    return detection


def compared(session, source, days_ago):
    at = NOW - days_ago * DAY
    requests = [request_for(source, label=label) for label in ("knn", "lof")]
    comparison, detections = create_comparison(session, comparison_request(source), requests, at)
    start_comparison(session, comparison.id, at)
    for detection in detections:
        start_detection(session, detection.id, at)
        finish_detection(session, detection.id, result(), at)
    finish_comparison(session, comparison.id, comparison_result(), at)
    return comparison


def batched(session, source, days_ago, count=2):
    at = NOW - days_ago * DAY
    batch, detections = create_batch(session, batch_request(), [request_for(source)] * count, at)
    start_batch(session, batch.id, at)
    return batch, detections


def prune(session, retention, limit=2):
    """Remove all that is old, a few rows at a time, and return how many of each table went."""
    removed = Counter()

    def drain(step):
        while found := step():
            assert found.total() <= max(limit, 1)
            removed.update(found)

    comparisons, ours = mark_comparisons(
        session, session.exec(expired_comparisons(retention)).all()
    )
    drain(lambda: delete_detections(session, ours, limit))
    drain(lambda: delete_comparisons(session, comparisons, limit))
    alone = mark_detections(session, session.exec(expired_detections(retention)).all())
    drain(lambda: delete_detections(session, alone, limit))
    drain(lambda: delete_others(session, retention, limit))
    session.expire_all()
    return removed


def left(session):
    rows = {
        t.__tablename__: session.exec(select(func.count()).select_from(t)).one() for t in TABLES
    }
    return Counter({name: count for name, count in rows.items() if count})


def ids(session):
    return {detection.id for detection in list_detections(session, limit=1000).items}


def test_old_detections_go_with_all_that_is_theirs(session, source):
    old, young = detected(session, source, 91), detected(session, source, 89)
    for detection in (old, young):
        store_explanations(session, detection.id, [explanation_row(999)], NOW)
    before = left(session)
    retention = older_than(90)
    counted = count_expired(session, retention)
    removed = prune(session, retention)
    assert removed == counted
    assert removed == {
        "detection": 1,
        "anomaly": 3,
        "column_summary": 2,
        "fitted_detector": 1,
        "explanation": 1,
    }
    assert left(session) == before - removed
    assert ids(session) == {young.id}
    assert list_anomalies(session, young.id).total == 3


def test_counting_removes_nothing(session, source):
    detected(session, source, 91)
    compared(session, source, 91)
    before = left(session)
    count_expired(session, older_than(90))
    assert left(session) == before


def test_the_last_of_each_source_and_algorithm_stay_whatever_their_age(session, source):
    other = add_source(session, definition("payments"), NOW)
    forests = [detected(session, source, 100 + day) for day in range(4)]
    knn = detected(session, source, 400, algorithm="knn")
    elsewhere = detected(session, other, 500)
    prune(session, older_than(90, keep_last=2))
    assert ids(session) == {forests[0].id, forests[1].id, knn.id, elsewhere.id}


def test_failures_do_not_push_out_what_succeeded(session, source):
    succeeded = [detected(session, source, 200 + day) for day in range(2)]
    failed = [detected(session, source, 100 + day, Status.ERROR) for day in range(3)]
    prune(session, older_than(90, keep_last=1))
    assert ids(session) == {succeeded[0].id, failed[0].id}


@pytest.mark.parametrize("status", [Status.PENDING, Status.RUNNING])
def test_what_is_not_over_stays(session, source, status):
    unfinished = detected(session, source, 1000, status)
    assert not prune(session, older_than(1))
    assert ids(session) == {unfinished.id}


def test_a_pinned_detection_stays_until_it_is_unpinned(session, source):
    detection = detected(session, source, 1000)
    pin_detection(session, detection.id, True)
    assert not count_expired(session, older_than(1, fitted_days=1))
    assert not prune(session, older_than(1, fitted_days=1))
    assert get_fitted_detector(session, detection.id) is not None
    pin_detection(session, detection.id, False)
    assert prune(session, older_than(1))["detection"] == 1


def test_one_that_is_pinned_at_the_last_moment_stays(session, source):
    detection = detected(session, source, 1000)
    chosen = session.exec(expired_detections(older_than(1))).all()
    pin_detection(session, detection.id, True)
    assert mark_detections(session, chosen) == []
    assert get_detection(session, detection.id).status is Status.SUCCESS


def test_a_comparison_goes_whole_with_its_records(session, source):
    compared(session, source, 91)
    counted = count_expired(session, older_than(90))
    removed = prune(session, older_than(90))
    assert removed == counted
    assert (removed["comparison"], removed["agreement_record"], removed["detection"]) == (1, 3, 2)
    assert left(session) == {"source": 1}


@pytest.mark.parametrize("kept_by", ["pin", "count"])
def test_a_comparison_stays_whole_if_one_of_its_detections_does(session, source, kept_by):
    comparison = compared(session, source, 91)
    before = left(session)
    if kept_by == "pin":
        pin_detection(session, list_comparison_results(session, comparison)[0].id, True)
    retention = older_than(90, keep_last=1 if kept_by == "count" else 0)
    assert not count_expired(session, retention)
    assert not prune(session, retention)
    assert left(session) == before


def test_a_batch_goes_with_the_last_of_its_detections(session, source):
    batch, (_, second) = batched(session, source, 91)
    cancel_batch(session, batch.id, NOW)
    pin_detection(session, second.id, True)
    assert prune(session, older_than(90)) == {"detection": 1}
    assert [each.id for each in list_batch_results(session, batch.id).items] == [second.id]
    pin_detection(session, second.id, False)
    assert prune(session, older_than(90)) == {"detection": 1, "batch": 1}


def test_the_detections_of_a_batch_that_runs_stay(session, source):
    _, (first, _) = batched(session, source, 91)
    start_detection(session, first.id, NOW)
    finish_detection(session, first.id, result(), NOW)
    assert not count_expired(session, older_than(90))
    assert not prune(session, older_than(90))


def test_a_batch_that_is_taken_up_meanwhile_is_left_alone(session, source):
    batch, detections = batched(session, source, 91)
    cancel_batch(session, batch.id, NOW)
    doomed = mark_detections(session, session.exec(expired_detections(older_than(90))).all())
    assert len(doomed) == 2
    session.expire_all()
    resume_batch(session, batch.id, NOW, check=LifeCheck(NOW, timedelta(0)))
    start_detection(session, detections[0].id, NOW)
    finish_detection(session, detections[0].id, result(), NOW)
    assert not delete_detections(session, doomed, 100)
    assert list_anomalies(session, detections[0].id).total == 3


def test_what_is_half_removed_is_no_result_and_goes_the_next_time(session, source):
    detection, comparison = detected(session, source, 91), compared(session, source, 91)
    mark_detections(session, [detection.id])
    _, ours = mark_comparisons(session, [comparison.id])
    delete_detections(session, [detection.id], 2)
    delete_detections(session, ours, 2)
    session.expire_all()
    for run in (get_detection(session, detection.id), get_comparison(session, comparison.id)):
        assert (run.status, run.error_type) == (Status.ERROR, "Pruned")
    assert list_anomalies(session, detection.id).total == 0
    with pytest.raises(RunStatusError, match="is being removed"):
        pin_detection(session, detection.id, True)
    prune(session, older_than(1000, keep_last=1000))
    assert left(session) == {"source": 1}


def test_fitted_detectors_may_go_before_their_detections(session, source):
    old, young = detected(session, source, 31), detected(session, source, 29)
    retention = older_than(90, keep_last=5, fitted_days=30)
    assert count_expired(session, retention) == {"fitted_detector": 1}
    assert prune(session, retention) == {"fitted_detector": 1}
    assert get_fitted_detector(session, old.id) is None
    assert get_fitted_detector(session, young.id) is not None


def test_points_go_by_when_they_were_read_and_the_checkpoint_stays(session):
    stream = add_stream(session, NOW)
    session.add(checkpoint_of(stream, NOW - 1000 * DAY))
    session.add_all(point_of(stream, place, NOW - (100 - place) * DAY) for place in range(20))
    session.flush()
    assert count_expired(session, older_than(90)) == {"stream_point": 10}
    assert prune(session, older_than(90)) == {"stream_point": 10}
    kept = session.exec(select(StreamPoint.sequence).order_by(StreamPoint.sequence)).all()
    assert list(kept) == list(range(10, 20))
    assert session.get(Checkpoint, stream.id) is not None


def test_only_alerts_that_were_resolved_and_announced_go(session):
    stream = add_stream(session, NOW)
    long_ago = NOW - 91 * DAY
    resolved = {"state": AlertState.RESOLVED, "resolved_at": long_ago}
    alerts = {
        "gone": alert_of(stream, 0, long_ago, **resolved),
        "open": alert_of(stream, 1, long_ago),
        "resolved lately": alert_of(stream, 2, long_ago, **(resolved | {"resolved_at": NOW})),
        "not announced": alert_of(stream, 3, long_ago, **resolved, next_attempt_at=NOW),
    }
    session.add_all(alerts.values())
    session.flush()
    assert count_expired(session, older_than(90)) == {"alert": 1}
    assert prune(session, older_than(90)) == {"alert": 1}
    assert set(session.exec(select(Alert.sequence))) == {1, 2, 3}
