from datetime import timedelta
from uuid import uuid4

import pytest

from models.errors import UnknownBatchError
from models.queries.batch_life import cancel_batch, start_batch
from models.queries.batch_progress import (
    BatchProgress,
    batch_progress,
    batches_progress,
    recent_rates,
)
from models.queries.batches import create_batch
from models.queries.runs import (
    create_detections,
    fail_detection,
    finish_detection,
    start_detection,
)
from models.queries.sources import add_source, delete_source, get_source
from models.session import session_scope
from models.status import Status
from models.tables.detection import Detection
from tests.models.examples import NOW, batch_request, definition, request_for, result


@pytest.fixture
def session(engine):
    with session_scope(engine) as session:
        yield session


def batch_of(session, *names):
    sources = [add_source(session, definition(name), NOW) for name in names]
    requests = [request_for(source) for source in sources]
    batch, detections = create_batch(session, batch_request(), requests, NOW)
    start_batch(session, batch.id, NOW)
    return batch, {detection.source_name: detection.id for detection in detections}


def finish(session, detection_id, n_anomalies, scored_rows):
    start_detection(session, detection_id, NOW)
    found = result(n_anomalies, scored_rows=scored_rows, total_rows=scored_rows + 1)
    finish_detection(session, detection_id, found, NOW)


def test_progress_counts_detections_by_status_and_sums_what_succeeded(session):
    batch, ids = batch_of(session, "a", "b", "c", "d", "e")
    finish(session, ids["a"], 1, 100)
    finish(session, ids["b"], 9, 300)
    fail_detection(session, ids["c"], "SourceError", "gone", NOW)
    start_detection(session, ids["d"], NOW)
    progress = batch_progress(session, batch.id)
    assert progress == BatchProgress(
        total=5,
        pending=1,
        running=1,
        success=2,
        error=1,
        cancelled=0,
        total_anomalies=10,
        total_rows=402,
        weighted_rate=10 / 400,
        unweighted_rate=pytest.approx((1 / 100 + 9 / 300) / 2),
        current_sources=("d",),
        current_source_id=get_source(session, "d").id,
    )
    assert (progress.finished, progress.percent) == (3, 60.0)
    assert progress.text == "3 of 5 sources done, 1 failed; now: d"


def test_a_batch_that_found_nothing_yet_has_no_rate(session):
    batch, _ = batch_of(session, "a")
    progress = batch_progress(session, batch.id)
    assert (progress.weighted_rate, progress.unweighted_rate) == (None, None)
    assert (progress.total_anomalies, progress.total_rows, progress.percent) == (0, 0, 0.0)


def test_a_source_without_scored_rows_has_no_anomalies(session):
    batch, ids = batch_of(session, "a")
    finish(session, ids["a"], 0, 0)
    progress = batch_progress(session, batch.id)
    assert (progress.weighted_rate, progress.unweighted_rate) == (0.0, 0.0)


def test_the_sources_worked_on_longest_are_named_first_and_not_too_many(session):
    batch, ids = batch_of(session, "a", "b", "c", "d")
    for seconds, name in enumerate(["c", "a", "d"]):
        start_detection(session, ids[name], NOW + timedelta(seconds=seconds))
    progress = batch_progress(session, batch.id, max_current_sources=2)
    assert (progress.current_sources, progress.running) == (("c", "a"), 3)


def test_a_batch_whose_sources_were_removed_gets_to_the_end(session):
    batch, ids = batch_of(session, "a", "b")
    finish(session, ids["a"], 1, 100)
    delete_source(session, "b")
    assert batch_progress(session, batch.id).percent == 100.0
    delete_source(session, "a")
    assert batch_progress(session, batch.id).percent == 100.0


def test_other_detections_do_not_count(session, source):
    create_detections(session, [request_for(source)] * 3, NOW)
    batch, _ = batch_of(session, "a")
    assert batch_progress(session, batch.id).total == 1


def test_what_was_cancelled_is_not_called_done(session):
    batch, ids = batch_of(session, "a", "b", "c")
    finish(session, ids["a"], 1, 100)
    cancel_batch(session, batch.id, NOW)
    progress = batch_progress(session, batch.id)
    assert progress.text == "1 of 3 sources done, 2 cancelled"
    assert progress.percent == 100.0


def test_several_batches_are_counted_apart(session):
    one, ids = batch_of(session, "a", "b")
    other, _ = batch_of(session, "c")
    finish(session, ids["a"], 2, 100)
    assert batches_progress(session, [one.id, other.id]) == {
        batch.id: batch_progress(session, batch.id) for batch in (one, other)
    }
    assert batches_progress(session, []) == {}


def test_an_unknown_batch_has_no_progress(session):
    with pytest.raises(UnknownBatchError):
        batch_progress(session, uuid4())


def add_past(session, source, days, rate, **changes):
    """Store a successful detection of the source, created so many days ago."""
    fields = vars(request_for(source)) | {
        "source_name": source.name,
        "status": Status.SUCCESS,
        "anomaly_rate": rate,
        "created_at": NOW - timedelta(days=days),
    }
    session.add(Detection(**(fields | changes)))


def test_the_last_rates_of_each_source_are_those_before_the_batch_latest_first(session):
    a, b, c = (add_source(session, definition(name), NOW) for name in "abc")
    for days in range(1, 14):
        add_past(session, a, days, days / 1000)
    add_past(session, b, 1, 0.5)
    add_past(session, c, -1, 0.9)
    batch, _ = create_batch(session, batch_request(), [request_for(x) for x in (a, b, c)], NOW)
    rates = recent_rates(session, batch)
    assert rates == {a.id: [days / 1000 for days in range(1, 11)], b.id: [0.5]}
    assert recent_rates(session, batch, limit=2)[a.id] == [0.001, 0.002]


def test_rates_that_cannot_be_compared_are_left_out(session, source):
    other = add_source(session, definition("other"), NOW)
    contamination = {"policy": "contamination", "share": 0.1}
    add_past(session, source, 1, 0.01)
    add_past(session, source, 2, 0.1, threshold_policy=contamination)
    add_past(session, source, 3, 0.2, algorithm="knn")
    add_past(session, source, 4, None, status=Status.ERROR)
    add_past(session, other, 1, 0.3)
    batch, _ = create_batch(session, batch_request(), [request_for(source)], NOW)
    assert recent_rates(session, batch) == {source.id: [0.01]}
