from datetime import timedelta
from uuid import uuid4

import pytest

from models.clock import LifeCheck
from models.queries.batch_life import beat, finish_batch, start_batch
from models.queries.batches import create_batch, list_batch_results
from models.queries.comparison_life import start_comparison
from models.queries.comparisons import create_comparison
from models.queries.findings import list_anomalies
from models.queries.heartbeats import give_sign, list_heartbeats
from models.queries.lease import take_leases
from models.queries.orphans import EndedOrphans, repair_orphans
from models.queries.runs import create_detections, fail_detection, finish_detection, start_detection
from models.queries.sources import add_source
from models.queries.streams import create_stream, get_stream
from models.session import session_scope
from models.status import Status
from models.tables.heartbeat import Heartbeat
from tests.models.examples import (
    NOW,
    batch_request,
    comparison_request,
    definition,
    request_for,
    result,
    stream_definition,
)

MINUTE = timedelta(minutes=1)
LATER = NOW + 10 * MINUTE
NOTHING = EndedOrphans()
DEAD_BEFORE_A_MINUTE = LifeCheck(LATER, 9 * MINUTE)


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
    ended = repair_orphans(session, DEAD_BEFORE_A_MINUTE)
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
    assert repair_orphans(session, DEAD_BEFORE_A_MINUTE) == NOTHING
    assert batch.status is Status.RUNNING


def test_a_batch_that_never_started_counts_from_its_creation(session, source):
    batch, _ = create_batch(session, batch_request(), [request_for(source)], NOW)
    assert repair_orphans(session, LifeCheck(LATER, 10 * MINUTE)) == NOTHING
    assert repair_orphans(session, DEAD_BEFORE_A_MINUTE).batches == [batch]
    assert batch.status is Status.ERROR


def test_a_process_that_died_just_before_the_end_of_its_batch_lost_nothing(session, source):
    batch, detections = create_batch(session, batch_request(), [request_for(source)], NOW)
    start_batch(session, batch.id, NOW)
    start_detection(session, detections[0].id, NOW)
    finish_detection(session, detections[0].id, result(), NOW)
    assert repair_orphans(session, DEAD_BEFORE_A_MINUTE) == EndedOrphans([batch])
    assert (batch.status, batch.error_message) == (Status.SUCCESS, None)


def test_repairing_twice_changes_nothing(session, batch):
    repair_orphans(session, DEAD_BEFORE_A_MINUTE)
    assert repair_orphans(session, LifeCheck(LATER + MINUTE, 10 * MINUTE)) == NOTHING
    assert batch.completed_at == LATER


def test_detections_alone_and_comparisons_count_from_their_start(session, source):
    alone = create_detections(session, [request_for(source)] * 2, NOW)
    comparison, of_comparison = create_comparison(
        session, comparison_request(source), [request_for(source, label="knn")], NOW
    )
    start_detection(session, alone[1].id, LATER)
    start_comparison(session, comparison.id, NOW)
    ended = repair_orphans(session, DEAD_BEFORE_A_MINUTE)
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
    assert repair_orphans(session, DEAD_BEFORE_A_MINUTE) == NOTHING
    assert detections[1].status is Status.RUNNING


def test_a_batch_that_has_ended_is_no_orphan(session, source):
    batch, detections = create_batch(session, batch_request(), [request_for(source)], NOW)
    start_batch(session, batch.id, NOW)
    fail_detection(session, detections[0].id, "SourceError", "gone", NOW)
    finish_batch(session, batch.id, NOW)
    assert repair_orphans(session, LifeCheck(LATER, MINUTE)) == NOTHING


FLOW_RUN = uuid4()


def heartbeat(beat_at, flow="explain", flow_run_id=FLOW_RUN):
    return Heartbeat(
        flow_run_id=flow_run_id, flow=flow, name=f"{flow}-it", started_at=NOW, beat_at=beat_at
    )


def test_a_detection_and_a_comparison_are_alive_as_long_as_their_flow_run_is(session, source):
    [alone] = create_detections(session, [request_for(source, flow_run_id=FLOW_RUN)], NOW)
    comparison, _ = create_comparison(
        session,
        comparison_request(source, flow_run_id=FLOW_RUN),
        [request_for(source, label="knn")],
        NOW,
    )
    give_sign(session, heartbeat(LATER - MINUTE, "detect"))
    assert repair_orphans(session, DEAD_BEFORE_A_MINUTE) == NOTHING
    after = LifeCheck(LATER + 9 * MINUTE, 9 * MINUTE)
    ended = repair_orphans(session, after)
    assert (ended.comparisons, ended.flow_runs[0].name) == ([comparison], "detect-it")
    assert alone in ended.detections
    assert list_heartbeats(session) == []
    assert repair_orphans(session, after) == NOTHING


@pytest.mark.parametrize(
    "flow", ["detect", "batch", "compare", "explain", "backtest", "stream", "push", "prune"]
)
def test_a_flow_run_of_any_kind_that_gave_no_sign_of_life_is_ended_once(session, flow):
    give_sign(session, heartbeat(NOW, flow))
    give_sign(session, heartbeat(LATER, flow, uuid4()))
    ended = repair_orphans(session, DEAD_BEFORE_A_MINUTE)
    assert [(run.flow_run_id, run.flow) for run in ended.flow_runs] == [(FLOW_RUN, flow)]
    assert repair_orphans(session, DEAD_BEFORE_A_MINUTE) == NOTHING
    assert len(list_heartbeats(session)) == 1


def test_a_flow_run_whose_process_is_gone_is_ended_at_once_with_its_streams(session, source):
    create_stream(session, stream_definition(source, name="meter"), NOW)
    take_leases(session, uuid4(), LATER, LATER + 9 * MINUTE, 10, flow_run_id=FLOW_RUN)
    give_sign(session, heartbeat(LATER, "stream"))
    assert repair_orphans(session, DEAD_BEFORE_A_MINUTE) == NOTHING
    ended = repair_orphans(session, DEAD_BEFORE_A_MINUTE, known_dead=[FLOW_RUN])
    assert [stream.name for stream in ended.streams] == ["meter"]
    assert get_stream(session, "meter").lease_owner is None


def test_force_ends_what_gave_a_sign_of_life(session, batch):
    beat(session, batch.id, LATER)
    assert repair_orphans(session, DEAD_BEFORE_A_MINUTE) == NOTHING
    assert repair_orphans(session, DEAD_BEFORE_A_MINUTE, force=True).batches == [batch]


DAY = timedelta(days=1)


def test_a_sign_of_life_further_ahead_than_one_can_be_is_none(session, source, batch):
    """The clock was a day ahead when the processes died, and was set back."""
    beat(session, batch.id, LATER + DAY)
    [alone] = create_detections(session, [request_for(source, flow_run_id=FLOW_RUN)], LATER + DAY)
    start_detection(session, alone.id, LATER + DAY)
    give_sign(session, heartbeat(LATER + DAY, "detect"))
    create_stream(session, stream_definition(source, name="meter"), NOW)
    take_leases(session, uuid4(), LATER + DAY, LATER + DAY + 9 * MINUTE, 10)
    ended = repair_orphans(session, DEAD_BEFORE_A_MINUTE)
    assert (ended.batches, len(ended.flow_runs)) == ([batch], 1)
    assert alone in ended.detections
    assert [stream.name for stream in ended.streams] == ["meter"]


def test_a_clock_that_is_corrected_a_little_ends_nothing(session, source, batch):
    beat(session, batch.id, LATER + MINUTE)
    create_stream(session, stream_definition(source, name="meter"), NOW)
    take_leases(session, uuid4(), LATER + MINUTE, LATER + 10 * MINUTE, 10)
    assert repair_orphans(session, DEAD_BEFORE_A_MINUTE) == NOTHING
