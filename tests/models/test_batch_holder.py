"""A batch has one flow run that works on it, and another one may take it over."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest

from models.clock import LifeCheck
from models.errors import (
    BatchAliveError,
    BatchStuckError,
    BatchTakenOverError,
    NothingToResumeError,
)
from models.queries.batch_holder import hold_batch, take_over_batch
from models.queries.batch_life import cancel_batch, request_cancel, start_batch
from models.queries.batches import create_batch, get_batch
from models.queries.orphans import repair_orphans
from models.queries.runs import finish_detection, start_detection
from models.queries.sources import add_source
from models.session import session_scope
from models.status import Status
from tests.models.examples import NOW, batch_request, definition, request_for, result

MINUTE = timedelta(minutes=1)
AFTER = LifeCheck(NOW + MINUTE, MINUTE / 2)
FIRST, SECOND, THIRD = uuid4(), uuid4(), uuid4()


@pytest.fixture
def session(engine):
    with session_scope(engine) as session:
        yield session


def begin(session, *states):
    """Return a batch of FIRST, begun at NOW, with a detection in each of the states."""
    sources = [add_source(session, definition(f"s{n}"), NOW) for n in range(len(states))]
    requests = [request_for(source, flow_run_id=FIRST) for source in sources]
    batch, detections = create_batch(session, batch_request(flow_run_id=FIRST), requests, NOW)
    start_batch(session, batch.id, NOW)
    for detection, state in zip(detections, states, strict=True):
        if state != "pending":
            start_detection(session, detection.id, NOW)
        if state == "success":
            finish_detection(session, detection.id, result(), NOW)
    return batch


def take_over(session, died, taker, minutes):
    """Take over so many minutes after NOW, and return the names of what is to be done."""
    now = NOW + minutes * MINUTE
    _, detections = take_over_batch(
        session, died, now, check=LifeCheck(now, MINUTE / 2), flow_run_id=taker
    )
    return [detection.source_name for detection in detections]


def test_what_a_flow_run_left_is_anothers_and_its_own_no_more(session):
    batch = begin(session, "success", "running", "pending")
    hold_batch(session, batch.id, FIRST)
    assert take_over(session, FIRST, SECOND, 1) == ["s2", "s1"]
    assert (batch.status, batch.flow_run_id) == (Status.RUNNING, SECOND)
    hold_batch(session, batch.id, SECOND)
    with pytest.raises(BatchTakenOverError, match=f"worked on by flow run {SECOND} now"):
        hold_batch(session, batch.id, FIRST)


def test_a_batch_that_is_alive_is_not_taken_over(session):
    begin(session, "running")
    with pytest.raises(BatchAliveError):
        take_over(session, FIRST, SECOND, 0)


@pytest.mark.parametrize("states", [["success"], []])
def test_where_nothing_is_missing_there_is_nothing_to_take_over(session, states):
    if states:
        begin(session, *states)
    with pytest.raises(NothingToResumeError):
        take_over(session, FIRST, SECOND, 1)


def test_a_batch_that_a_person_wanted_cancelled_stays_so(session):
    batch = begin(session, "running")
    request_cancel(session, batch.id, NOW)
    with pytest.raises(NothingToResumeError, match="was to be cancelled"):
        take_over(session, FIRST, SECOND, 1)


@pytest.mark.parametrize("how", ["shutdown", "repair"])
def test_what_a_shutdown_or_a_repair_ended_is_taken_over(session, how):
    batch = begin(session, "success", "running")
    if how == "shutdown":  # whose signal arrives like a wish to cancel
        cancel_batch(session, batch.id, NOW)
    else:
        repair_orphans(session, AFTER)
    assert batch.completed_at is not None
    assert take_over(session, FIRST, SECOND, 1) == ["s1"]


def test_what_kills_its_process_again_and_again_is_given_up(session):
    begin(session, "running", "pending", "pending")
    _, detections = take_over_batch(session, FIRST, NOW + MINUTE, check=AFTER, flow_run_id=SECOND)
    assert [one.source_name for one in detections] == ["s1", "s2", "s0"]
    now = NOW + 2 * MINUTE
    start_detection(session, detections[0].id, now)
    finish_detection(session, detections[0].id, result(), now)
    start_detection(session, detections[2].id, now)
    assert take_over(session, SECOND, THIRD, 3) == ["s2", "s0"]
    with pytest.raises(BatchStuckError, match="one of them may be what ends it"):
        take_over(session, THIRD, uuid4(), 5)


def test_of_many_that_take_over_at_once_one_does(engine):
    with session_scope(engine) as session:
        batch = begin(session, "running", "pending")

    def ask(taker):
        try:
            with session_scope(engine) as session:
                return taker if take_over(session, FIRST, taker, 1) else None
        except NothingToResumeError:
            return None

    with ThreadPoolExecutor(4) as pool:
        takers = [taker for taker in pool.map(ask, [uuid4() for _ in range(4)]) if taker]
    with session_scope(engine, writes=False) as session:
        assert takers == [get_batch(session, batch.id).flow_run_id]
