from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import IntegrityError

from models.errors import RunStatusError, UnknownDetectionError, UnknownSourceError
from models.queries.detections import get_detection
from models.queries.findings import get_fitted_detector, list_anomalies, list_column_summaries
from models.queries.runs import (
    create_detections,
    fail_detection,
    finish_detection,
    start_detection,
)
from models.queries.sources import add_source, delete_source
from models.session import session_scope
from models.status import Status
from tests.models.examples import NOW, anomaly, definition, request_for, result

LATER = NOW + timedelta(seconds=2.5)
FLOW_RUN = uuid4()


def stored(engine, detection_id: UUID):
    with session_scope(engine, writes=False) as session:
        return get_detection(session, detection_id)


def test_many_detections_are_created_pending_in_the_order_of_their_requests(engine, source):
    with session_scope(engine) as session:
        other = add_source(session, definition("others"), NOW)
        requests = [request_for(place, seed=seed) for seed, place in enumerate([source, other] * 5)]
        created = create_detections(session, requests, NOW)
    assert [detection.seed for detection in created] == list(range(10))
    assert [detection.source_name for detection in created] == ["orders", "others"] * 5
    assert {detection.status for detection in created} == {Status.PENDING}


def test_a_request_comes_back_as_it_was_made(engine, source):
    request = request_for(source, columns=["amount"], sample_size=100, flow_run_id=FLOW_RUN)
    with session_scope(engine) as session:
        (created,) = create_detections(session, [request], NOW)
    found = stored(engine, created.id)
    assert {name: getattr(found, name) for name in vars(request)} == vars(request)


def test_a_request_for_an_unknown_source_creates_nothing(engine, source):
    with session_scope(engine) as session:
        delete_source(session, source.name)
    with pytest.raises(UnknownSourceError), session_scope(engine) as session:
        create_detections(session, [request_for(source)], NOW)


def test_a_finished_detection_keeps_everything_it_found(engine, running):
    found = result(3)
    with session_scope(engine) as session:
        finish_detection(session, running, found, LATER)
    detection = stored(engine, running)
    assert (detection.status, detection.duration_ms) == (Status.SUCCESS, 2500)
    assert (detection.anomaly_count, detection.anomaly_rate) == (3, 0.01)
    separate = {"anomalies", "columns", "fitted"}
    kept = {name: value for name, value in vars(found).items() if name not in separate}
    assert {name: getattr(detection, name) for name in kept} == kept
    with session_scope(engine, writes=False) as session:
        anomalies = list_anomalies(session, running).items
        columns = list_column_summaries(session, running)
        fitted = get_fitted_detector(session, running)
    assert [fields_of(row, found.anomalies[0]) for row in anomalies] == [
        vars(row) for row in found.anomalies
    ]
    assert [fields_of(row, found.columns[0]) for row in columns] == [
        vars(row) for row in found.columns
    ]
    assert fields_of(fitted, found.fitted) == vars(found.fitted)
    assert fitted.size_bytes == 2


def fields_of(row, like):
    return {name: getattr(row, name) for name in vars(like)}


def test_a_detection_may_find_nothing_and_keep_no_detector(engine, running):
    nothing = result(0, scored_rows=0, columns=[], fitted=None)
    with session_scope(engine) as session:
        finish_detection(session, running, nothing, LATER)
    detection = stored(engine, running)
    assert (detection.anomaly_count, detection.anomaly_rate) == (0, 0.0)
    with session_scope(engine, writes=False) as session:
        assert get_fitted_detector(session, running) is None


@pytest.mark.parametrize(
    ("labels", "known", "found", "precision", "recall"),
    [
        ([True, False, None, True], 8, 2, 2 / 3, 0.25),
        ([None, None], 8, 0, None, 0.0),
        ([False], 0, 0, 0.0, None),
        ([], 0, 0, None, None),
        ([None], None, None, None, None),
    ],
)
def test_precision_and_recall_are_over_the_rows_whose_kind_is_known(
    engine, running, labels, known, found, precision, recall
):
    rows = [anomaly(rank, label=label) for rank, label in enumerate(labels, start=1)]
    with session_scope(engine) as session:
        graded = result(anomalies=rows, known_anomalies=known, found_anomalies=found)
        finish_detection(session, running, graded, LATER)
    detection = stored(engine, running)
    assert (detection.precision, detection.recall) == (precision, recall)


def test_a_failure_in_the_middle_of_finishing_leaves_nothing_behind(engine, running):
    broken = result(anomalies=[anomaly(1), anomaly(2, score=None)])
    with pytest.raises(IntegrityError) as caught, session_scope(engine) as session:
        finish_detection(session, running, broken, LATER)
    assert "order-999" not in str(caught.value)
    detection = stored(engine, running)
    assert (detection.status, detection.threshold) == (Status.RUNNING, None)
    with session_scope(engine, writes=False) as session:
        assert list_anomalies(session, running).total == 0
        assert list_column_summaries(session, running) == []


def test_a_failed_detection_keeps_the_type_and_the_words(engine, running):
    with session_scope(engine) as session:
        fail_detection(session, running, "SourceError", "no such file: orders.csv", LATER)
    detection = stored(engine, running)
    assert (detection.status, detection.duration_ms) == (Status.ERROR, 2500)
    assert (detection.error_type, detection.error_message) == (
        "SourceError",
        "no such file: orders.csv",
    )


def test_a_detection_may_fail_before_it_started(engine, source):
    with session_scope(engine) as session:
        (created,) = create_detections(session, [request_for(source)], NOW)
        failed = fail_detection(session, created.id, "SourceError", "gone", LATER)
    assert (failed.status, failed.duration_ms) == (Status.ERROR, None)


def test_a_retry_starts_a_running_detection_again(engine, running):
    with session_scope(engine) as session:
        again = start_detection(session, running, LATER)
    assert (again.status, again.started_at) == (Status.RUNNING, LATER)


def test_what_has_ended_stays_as_it_is(engine, running):
    with session_scope(engine) as session:
        fail_detection(session, running, "SourceError", "gone", LATER)
    steps = [
        lambda session: start_detection(session, running, LATER),
        lambda session: finish_detection(session, running, result(), LATER),
        lambda session: fail_detection(session, running, "Other", "later", LATER),
    ]
    for step in steps:
        with (
            pytest.raises(RunStatusError, match="is error"),
            session_scope(engine) as session,
        ):
            step(session)
    assert stored(engine, running).error_type == "SourceError"


def test_a_detection_removed_meanwhile_cannot_be_finished(engine, source, running):
    with session_scope(engine) as session:
        delete_source(session, source.name)
    with pytest.raises(UnknownDetectionError, match="removed"), session_scope(engine) as session:
        finish_detection(session, running, result(), LATER)
