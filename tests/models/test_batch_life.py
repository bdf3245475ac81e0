from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest

from models.clock import LifeCheck
from models.errors import (
    BatchAliveError,
    NothingToResumeError,
    RunStatusError,
    UnknownBatchError,
)
from models.queries.batch_life import (
    beat,
    cancel_batch,
    fail_batch,
    fail_overdue,
    finish_batch,
    request_cancel,
    resume_batch,
    start_batch,
)
from models.queries.batches import create_batch, get_batch, list_batch_results
from models.queries.findings import list_anomalies
from models.queries.runs import fail_detection, finish_detection, start_detection
from models.queries.sources import add_source
from models.session import session_scope
from models.status import Status
from tests.models.examples import NOW, batch_request, definition, request_for, result

LATER = NOW + timedelta(seconds=2.5)
ALIVE = LifeCheck(LATER, LATER - NOW)
DEAD = {"check": LifeCheck(LATER, timedelta(0))}  # a batch that gave its last sign of life at NOW
FLOW_RUN = uuid4()


@pytest.fixture
def session(engine):
    with session_scope(engine) as session:
        yield session


def running_batch(session, *states):
    """Return a running batch with a detection in each of the states, and the detections."""
    sources = [add_source(session, definition(f"s{n}"), NOW) for n in range(len(states))]
    requests = [request_for(source) for source in sources]
    batch, detections = create_batch(session, batch_request(), requests, NOW)
    start_batch(session, batch.id, NOW)
    for detection, state in zip(detections, states, strict=True):
        if state != "pending":
            start_detection(session, detection.id, NOW)
        if state == "success":
            finish_detection(session, detection.id, result(), LATER)
        if state == "error":
            fail_detection(session, detection.id, "SourceError", "gone", LATER)
    return batch, detections


def statuses(runs):
    return [run.status.value for run in runs]


def test_a_started_batch_is_running_and_alive(session, source):
    batch, _ = create_batch(session, batch_request(), [request_for(source)], NOW)
    start_batch(session, batch.id, LATER)
    session.expire_all()
    assert batch.status is Status.RUNNING
    assert batch.started_at == batch.heartbeat_at == LATER
    with pytest.raises(RunStatusError, match="is running, expected pending"):
        start_batch(session, batch.id, LATER)


def test_a_heartbeat_says_whether_a_person_asked_to_cancel(session):
    batch, _ = running_batch(session, "running")
    assert beat(session, batch.id, LATER) is False
    assert batch.heartbeat_at == LATER
    request_cancel(session, batch.id, LATER)
    assert beat(session, batch.id, LATER) is True


def test_asking_twice_to_cancel_keeps_the_time_of_the_first(session):
    batch, _ = running_batch(session, "running")
    request_cancel(session, batch.id, NOW)
    request_cancel(session, batch.id, LATER)
    assert (batch.cancel_requested_at, batch.status) == (NOW, Status.RUNNING)


def test_the_flow_run_of_a_batch_that_was_ended_or_deleted_is_told_so(session):
    batch, _ = running_batch(session, "running")
    cancel_batch(session, batch.id, LATER)
    with pytest.raises(RunStatusError, match=f"is cancelled.*vigil batches show {batch.id}"):
        beat(session, batch.id, LATER)
    with pytest.raises(UnknownBatchError, match="removed meanwhile"):
        beat(session, uuid4(), LATER)


def test_cancelling_keeps_what_is_finished_and_ends_the_rest(session):
    batch, detections = running_batch(session, "success", "error", "running", "pending")
    cancelled = cancel_batch(session, batch.id, LATER)
    session.expire_all()
    assert (batch.status, batch.duration_ms) == (Status.CANCELLED, 2500)
    assert statuses(detections) == ["success", "error", "cancelled", "cancelled"]
    assert {each.id for each in cancelled} == {detections[2].id, detections[3].id}
    assert list_anomalies(session, detections[0].id).total == 3


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (["success", "success"], Status.SUCCESS),
        (["success", "error"], Status.PARTIAL),
        (["error", "error"], Status.ERROR),
    ],
)
def test_a_batch_ends_as_its_detections_did(session, states, expected):
    batch, _ = running_batch(session, *states)
    finish_batch(session, batch.id, LATER)
    session.expire_all()
    assert (batch.status, batch.completed_at, batch.duration_ms) == (expected, LATER, 2500)
    assert batch.error_message is None


def test_a_batch_with_unfinished_detections_cannot_be_finished(session):
    batch, _ = running_batch(session, "success", "running", "pending")
    with pytest.raises(RunStatusError, match="2 of 3 detections are unfinished"):
        finish_batch(session, batch.id, LATER)
    assert batch.status is Status.RUNNING


def test_a_batch_whose_sources_were_all_removed_found_nothing(session):
    batch, detections = running_batch(session, "success")
    session.delete(detections[0])
    assert finish_batch(session, batch.id, LATER).status is Status.ERROR


def test_a_batch_that_cannot_go_on_fails_what_is_unfinished(session):
    batch, detections = running_batch(session, "success", "error", "running", "pending")
    failed = fail_batch(session, batch.id, "MemoryError", "no room", LATER)
    session.expire_all()
    assert (batch.status, batch.error_type, batch.error_message) == (
        Status.PARTIAL,
        "MemoryError",
        "no room",
    )
    assert statuses(detections) == ["success", "error", "error", "error"]
    assert detections[1].error_type == "SourceError"
    assert {each.id for each in failed} == {detections[2].id, detections[3].id}
    assert {each.error_message for each in failed} == {"no room"}


def test_a_batch_that_fails_after_all_its_detections_succeeded_is_a_success(session):
    batch, _ = running_batch(session, "success")
    assert fail_batch(session, batch.id, "MemoryError", "no room", LATER) == []
    assert (batch.status, batch.error_type) == (Status.SUCCESS, None)


def test_a_batch_that_has_ended_stays_as_it_is(session):
    batch, _ = running_batch(session, "success")
    finish_batch(session, batch.id, LATER)
    for step in (start_batch, request_cancel, cancel_batch, finish_batch):
        with pytest.raises(RunStatusError, match="is success"):
            step(session, batch.id, LATER)
    with pytest.raises(RunStatusError, match="is success"):
        fail_batch(session, batch.id, "MemoryError", "no room", LATER)
    assert (batch.status, batch.cancel_requested_at) == (Status.SUCCESS, None)


@pytest.mark.parametrize("end", [finish_batch, cancel_batch])
def test_resuming_an_ended_batch_runs_just_what_is_missing(session, end):
    unfinished = "error" if end is finish_batch else "running"
    batch, detections = running_batch(session, "success", "error", unfinished)
    request_cancel(session, batch.id, NOW)
    end(session, batch.id, LATER)
    resumed = resume_batch(session, batch.id, LATER, check=ALIVE, flow_run_id=FLOW_RUN)
    session.expire_all()
    assert [each.id for each in resumed] == [detections[1].id, detections[2].id]
    assert statuses(detections) == ["success", "pending", "pending"]
    assert (batch.status, batch.flow_run_id) == (Status.RUNNING, FLOW_RUN)
    assert batch.started_at == batch.heartbeat_at == LATER
    forgotten = {batch.completed_at, batch.duration_ms, batch.cancel_requested_at}
    for detection in resumed:
        assert detection.flow_run_id == FLOW_RUN
        forgotten |= {detection.started_at, detection.completed_at, detection.duration_ms}
        forgotten |= {detection.error_type, detection.error_message}
    assert forgotten == {None}
    assert detections[0].flow_run_id is None


def test_a_resumed_batch_ends_like_any_other(session):
    batch, detections = running_batch(session, "success", "error")
    finish_batch(session, batch.id, LATER)
    resume_batch(session, batch.id, LATER, check=ALIVE)
    start_detection(session, detections[1].id, LATER)
    finish_detection(session, detections[1].id, result(), LATER)
    assert finish_batch(session, batch.id, LATER).status is Status.SUCCESS


def test_a_batch_whose_process_died_can_be_resumed_without_repair(session):
    batch, detections = running_batch(session, "success", "running")
    resumed = resume_batch(session, batch.id, LATER, **DEAD)
    assert (batch.status, resumed) == (Status.RUNNING, [detections[1]])


def test_a_batch_that_is_alive_cannot_be_resumed(session):
    batch, _ = running_batch(session, "running")
    with pytest.raises(BatchAliveError, match=f"wait .* or .*vigil batches cancel {batch.id}"):
        resume_batch(session, batch.id, LATER, check=ALIVE)


def test_a_batch_that_waits_for_its_first_heartbeat_is_alive(session, source):
    batch, _ = create_batch(session, batch_request(), [request_for(source)], NOW)
    with pytest.raises(BatchAliveError, match="is pending"):
        resume_batch(session, batch.id, LATER, check=ALIVE)


def test_a_batch_that_misses_nothing_cannot_be_resumed(session):
    batch, _ = running_batch(session, "success")
    finish_batch(session, batch.id, LATER)
    with pytest.raises(NothingToResumeError, match="all its detections succeeded"):
        resume_batch(session, batch.id, LATER, check=ALIVE)
    assert batch.status is Status.SUCCESS


def test_of_two_that_resume_a_batch_at_once_one_succeeds(engine):
    with session_scope(engine) as session:
        batch, _ = running_batch(session, "running", "pending")

    def resume(_):
        with session_scope(engine) as session:
            try:
                return len(resume_batch(session, batch.id, LATER, **DEAD))
            except BatchAliveError:
                return 0

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(resume, range(4))) == [0, 0, 0, 2]


def test_whatever_comes_first_a_detection_that_is_cancelled_keeps_no_findings(engine):
    with session_scope(engine) as session:
        batch, detections = running_batch(session, *["running"] * 8)

    def finish(detection):
        try:
            with session_scope(engine) as session:
                finish_detection(session, detection.id, result(), LATER)
        except RunStatusError:
            return

    def cancel():
        with session_scope(engine) as session:
            cancel_batch(session, batch.id, LATER)

    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(finish, each) for each in detections[:4]]
        futures += [pool.submit(cancel)]
        futures += [pool.submit(finish, each) for each in detections[4:]]
        for future in futures:
            future.result()
    with session_scope(engine, writes=False) as session:
        assert get_batch(session, batch.id).status is Status.CANCELLED
        for detection in list_batch_results(session, batch.id).items:
            found = list_anomalies(session, detection.id).total
            assert (detection.status, found) in {(Status.SUCCESS, 3), (Status.CANCELLED, 0)}


def test_only_what_has_been_running_too_long_is_overdue(session):
    batch, detections = running_batch(session, "running", "running", "pending", "success")
    start_detection(session, detections[1].id, LATER)
    late = fail_overdue(session, batch.id, LATER, "TimeoutError", "too slow", LATER)
    assert [run.id for run in late] == [detections[0].id]
    assert statuses(detections) == ["error", "running", "pending", "success"]
    assert (detections[0].error_type, detections[0].error_message) == ("TimeoutError", "too slow")
    assert detections[0].completed_at == LATER
