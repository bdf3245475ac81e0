from datetime import timedelta

import pytest

from models.queries.batch_life import beat, finish_batch, start_batch
from models.queries.batches import create_batch, list_batch_results
from models.queries.comparison_life import start_comparison
from models.queries.comparisons import create_comparison
from models.queries.findings import list_anomalies
from models.queries.orphans import EndedOrphans, repair_orphans
from models.queries.runs import create_detections, fail_detection, finish_detection, start_detection
from models.queries.sources import add_source
from models.session import session_scope
from models.status import Status
from tests.models.examples import (
    NOW,
    batch_request,
    comparison_request,
    definition,
    request_for,
    result,
)

MINUTE = timedelta(minutes=1)
LATER = NOW + 10 * MINUTE
NOTHING = EndedOrphans([], [], [])


@pytest.fixture
def session(engine):
    with session_scope(engine) as session:
        yield session


@pytest.fixture
def source(session):
    return add_source(session, definition("my orders"), NOW)


@pytest.fixture
def batch(session, source):
    """A batch that gave its last sign of life at NOW."""
    batch, _ = create_batch(session, batch_request(), [request_for(source)] * 3, NOW)
    start_batch(session, batch.id, NOW)
    return batch


@pytest.fixture
def detections(session, batch):
    """Those of the batch: finished, running, pending."""
    finished, running, pending = list_batch_results(session, batch.id).items
    for detection in (finished, running):
        start_detection(session, detection.id, NOW)
    finish_detection(session, finished.id, result(), NOW)
    return [finished, running, pending]


def test_what_a_dead_batch_left_unfinished_ends_with_the_reason(session, batch, detections):
    ended = repair_orphans(session, NOW + MINUTE, LATER)
    session.expire_all()
    assert [each.status for each in detections] == [Status.SUCCESS, Status.ERROR, Status.ERROR]
    assert (ended.batches, ended.comparisons) == ([batch], [])
    assert {each.id for each in ended.detections} == {each.id for each in detections[1:]}
    for run in (batch, *detections[1:]):
        assert (run.error_type, run.completed_at) == ("Orphaned", LATER)
        assert "nobody has worked on it since 2026-03-01 12:00 UTC" in run.error_message
        assert f"`vigil batch --resume {batch.id}`" in run.error_message
    assert (batch.status, batch.duration_ms) == (Status.PARTIAL, 600_000)
    assert list_anomalies(session, detections[0].id).total == 3


def test_a_batch_that_is_alive_is_left_alone(session, batch):
    beat(session, batch.id, NOW + 2 * MINUTE)
    assert repair_orphans(session, NOW + MINUTE, LATER) == NOTHING
    assert batch.status is Status.RUNNING


def test_a_batch_that_never_started_counts_from_its_creation(session, source):
    batch, _ = create_batch(session, batch_request(), [request_for(source)], NOW)
    assert repair_orphans(session, NOW, LATER) == NOTHING
    assert repair_orphans(session, NOW + MINUTE, LATER).batches == [batch]
    assert batch.status is Status.ERROR


def test_a_process_that_died_just_before_the_end_of_its_batch_lost_nothing(session, source):
    batch, detections = create_batch(session, batch_request(), [request_for(source)], NOW)
    start_batch(session, batch.id, NOW)
    start_detection(session, detections[0].id, NOW)
    finish_detection(session, detections[0].id, result(), NOW)
    assert repair_orphans(session, NOW + MINUTE, LATER) == EndedOrphans([batch], [], [])
    assert (batch.status, batch.error_message) == (Status.SUCCESS, None)


def test_repairing_twice_changes_nothing(session, batch):
    repair_orphans(session, NOW + MINUTE, LATER)
    assert repair_orphans(session, NOW + MINUTE, LATER + MINUTE) == NOTHING
    assert batch.completed_at == LATER


def test_one_batch_alone_may_be_repaired(session, source, batch):
    other, _ = create_batch(session, batch_request(), [request_for(source)], NOW)
    create_detections(session, [request_for(source)], NOW)
    ended = repair_orphans(
        session, NOW + MINUTE, LATER, batch_id=batch.id, started_before=NOW + MINUTE
    )
    assert ended.batches == [batch]
    assert len(ended.detections) == 3
    assert other.status is Status.PENDING


def test_detections_alone_and_comparisons_are_ended_by_their_age_if_one_is_given(session, source):
    alone = create_detections(session, [request_for(source)] * 2, NOW)
    comparison, of_comparison = create_comparison(
        session, comparison_request(source), [request_for(source, label="knn")], NOW
    )
    start_detection(session, alone[1].id, LATER)
    start_comparison(session, comparison.id, NOW)
    assert repair_orphans(session, NOW + MINUTE, LATER) == NOTHING
    ended = repair_orphans(session, NOW + MINUTE, LATER, started_before=NOW + MINUTE)
    session.expire_all()
    assert (ended.batches, ended.comparisons) == ([], [comparison])
    assert ended.detections == [of_comparison[0], alone[0]]
    assert {run.status for run in (comparison, *ended.detections)} == {Status.ERROR}
    assert alone[1].status is Status.RUNNING
    assert "`vigil detect 'my orders'`" in alone[0].error_message
    assert comparison.error_type == of_comparison[0].error_type == "Orphaned"
    assert "`vigil compare 'my orders'`" in of_comparison[0].error_message


def test_the_detections_of_a_batch_that_is_alive_are_not_alone(session, batch, detections):
    beat(session, batch.id, LATER)
    assert repair_orphans(session, NOW + MINUTE, LATER, started_before=LATER) == NOTHING
    assert detections[1].status is Status.RUNNING


def test_a_batch_that_has_ended_is_no_orphan(session, source):
    batch, detections = create_batch(session, batch_request(), [request_for(source)], NOW)
    start_batch(session, batch.id, NOW)
    fail_detection(session, detections[0].id, "SourceError", "gone", NOW)
    finish_batch(session, batch.id, NOW)
    assert repair_orphans(session, LATER, LATER, started_before=LATER) == NOTHING
