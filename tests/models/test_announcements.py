"""Alerts that somebody has still to be told of."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from models.queries.alerts import get_alert, snooze_alert
from models.queries.announcements import (
    bring_forward,
    claim_due_alerts,
    next_due_at,
    note_events,
    note_failed_announcement,
    note_notification,
    put_off_alerts,
    settle_alerts,
)
from models.queries.streams import create_stream
from models.session import session_scope
from tests.models.examples import NOW, alert_row, stream_definition
from tests.models.test_alerts import raise_alerts

LATER = NOW + timedelta(minutes=1)
MUCH_LATER = NOW + timedelta(hours=1)


@pytest.fixture
def session(engine):
    with session_scope(engine) as session:
        yield session


@pytest.fixture
def stream(session, source):
    return create_stream(session, stream_definition(source), NOW)


def claimed(session, now, limit=100):
    return [
        [alert.sequence for alert in due.alerts]
        for due in claim_due_alerts(session, now, now + timedelta(minutes=2), limit)
    ]


def test_a_claimed_alert_is_nobody_elses_until_its_claim_is_old(session, stream):
    raise_alerts(session, stream, alert_row(2), alert_row(1))
    assert next_due_at(session) == NOW
    assert claimed(session, NOW) == [[1, 2]]
    assert claimed(session, LATER) == []
    assert claimed(session, MUCH_LATER) == [[1, 2]]


def test_what_is_settled_is_never_due_again(session, stream):
    [alert] = raise_alerts(session, stream, alert_row(1))
    note_events(session, [alert.id], NOW)
    note_notification(session, stream.id, [alert.id], LATER)
    settle_alerts(session, [alert.id])
    session.expire_all()
    assert (alert.event_at, alert.notified_at, stream.notified_at) == (NOW, LATER, LATER)
    assert (next_due_at(session), claimed(session, MUCH_LATER)) == (None, [])


def test_a_failure_is_counted_and_tried_again(session, stream):
    [alert] = raise_alerts(session, stream, alert_row(1))
    note_failed_announcement(session, [alert.id], "ConnectError: refused", LATER)
    session.expire_all()
    assert (alert.attempts, alert.announcing_error) == (1, "ConnectError: refused")
    assert (claimed(session, NOW), claimed(session, LATER)) == ([], [[1]])
    settle_alerts(session, [alert.id])
    session.expire_all()
    assert (alert.attempts, alert.announcing_error) == (1, None)


def test_alerts_are_claimed_by_stream_the_oldest_first(session, source, stream):
    other = create_stream(session, stream_definition(source, name="other"), NOW)
    raise_alerts(session, stream, alert_row(5), now=LATER)
    raise_alerts(session, other, alert_row(1), alert_row(2))
    assert claimed(session, LATER, limit=2) == [[1, 2]]
    assert claimed(session, LATER, limit=2) == [[5]]


def test_a_claim_says_which_incidents_are_snoozed(session, stream):
    first, second = raise_alerts(session, stream, alert_row(1), alert_row(2, incident=2))
    snooze_alert(session, second.id, MUCH_LATER, NOW)
    [due] = claim_due_alerts(session, NOW, LATER, 10)
    assert due.snoozed_until == {2: MUCH_LATER}
    put_off_alerts(session, [second.id], MUCH_LATER)
    session.expire_all()
    assert get_alert(session, second.id).next_attempt_at == MUCH_LATER
    assert get_alert(session, first.id).next_attempt_at == LATER


def test_of_many_that_claim_at_once_one_gets_each_alert(engine, source):
    with session_scope(engine) as session:
        stream = create_stream(session, stream_definition(source), NOW)
        raise_alerts(session, stream, *(alert_row(number) for number in range(40)))

    def claim(_):
        with session_scope(engine) as session:
            return [number for some in claimed(session, NOW, limit=10) for number in some]

    with ThreadPoolExecutor(6) as pool:
        everything = [number for some in pool.map(claim, range(6)) for number in some]
    assert len(everything) == len(set(everything))
    with session_scope(engine) as session:
        rest = [number for some in claimed(session, NOW) for number in some]
    assert sorted(everything + rest) == list(range(40))


def test_what_a_clock_that_was_set_back_has_put_off_is_due_now(session, stream):
    ahead, retried = raise_alerts(session, stream, alert_row(1), alert_row(2))
    put_off_alerts(session, [ahead.id], NOW + timedelta(days=1))
    put_off_alerts(session, [retried.id], LATER)
    bring_forward(session, NOW, MUCH_LATER)
    assert claimed(session, NOW) == [[1]]
    assert next_due_at(session) == LATER
