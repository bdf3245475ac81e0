"""Finding alerts, and what people do about them."""

from datetime import timedelta
from uuid import uuid4

import pytest

from models.errors import AlertStateError, UnknownAlertError
from models.queries.alerts import (
    AlertFilter,
    acknowledge_alert,
    count_alerts,
    find_alerts_by_key,
    get_alert,
    give_feedback,
    list_alerts,
    resolve_alert,
    snooze_alert,
)
from models.queries.lease import Lease, take_lease
from models.queries.polls import Poll
from models.queries.streams import create_stream
from models.queries.ticks import store_tick
from models.session import session_scope
from models.stream_status import AlertState
from tests.models.examples import NOW, alert_row, stream_definition, tick_result

LATER = NOW + timedelta(minutes=1)
MUCH_LATER = NOW + timedelta(hours=1)


@pytest.fixture
def session(engine):
    with session_scope(engine) as session:
        yield session


@pytest.fixture
def stream(session, source):
    return create_stream(session, stream_definition(source), NOW)


def raise_alerts(session, stream, *alerts, now=NOW):
    lease = Lease(stream.id, uuid4())
    take_lease(session, lease, now + timedelta(days=1), now + timedelta(days=1))
    poll = Poll(polled_at=now, next_poll_at=now)
    tick = tick_result(3, *alerts, points=[])
    stored = store_tick(session, lease, tick, poll, now, now)
    return [get_alert(session, alert_id) for alert_id in stored.alerts]


def numbers(page):
    return [alert.sequence for alert in page.items]


def test_an_alert_is_found_by_the_first_digits_of_its_id(session, stream):
    [alert] = raise_alerts(session, stream, alert_row(1))
    assert get_alert(session, alert.id.hex[:8]).id == alert.id
    with pytest.raises(UnknownAlertError, match="vigil alerts list"):
        get_alert(session, "0000")


def test_the_latest_alerts_come_first_with_a_true_total(session, stream):
    raise_alerts(session, stream, *(alert_row(number) for number in range(5)))
    raise_alerts(session, stream, alert_row(9), now=LATER)
    page = list_alerts(session, LATER, offset=1, limit=3)
    assert (numbers(page), page.total) == ([4, 3, 2], 6)


def test_alerts_are_filtered_by_stream_incident_and_time(session, source, stream):
    other = create_stream(session, stream_definition(source, name="other"), NOW)
    raise_alerts(session, other, alert_row(7))
    early, late = NOW - timedelta(hours=2), NOW + timedelta(hours=2)
    raise_alerts(
        session,
        stream,
        alert_row(1, timestamp=early),
        alert_row(2, timestamp=late, incident=2),
        alert_row(3, timestamp=None, incident=2),
    )
    here = {"stream_id": stream.id}
    assert list_alerts(session, NOW).total == 4
    assert numbers(list_alerts(session, NOW, AlertFilter(**here, incident=2))) == [3, 2]
    assert numbers(list_alerts(session, NOW, AlertFilter(**here, since=NOW))) == [3, 2]
    assert numbers(list_alerts(session, NOW, AlertFilter(**here, until=NOW))) == [1]
    assert numbers(list_alerts(session, NOW, AlertFilter(**here, since=early, until=late))) == [
        3,
        1,
    ]


def test_alerts_are_found_by_the_keys_of_their_rows(session, stream):
    raise_alerts(session, stream, alert_row(2), alert_row(1), alert_row(3, row_key=None))
    found = find_alerts_by_key(session, stream.id, ["order-1", "order-2", "#3", "order-9"])
    assert [alert.row_key for alert in found] == ["order-1", "order-2"]


def test_an_alert_is_acknowledged_snoozed_and_resolved(session, stream):
    [alert] = raise_alerts(session, stream, alert_row(1))
    assert acknowledge_alert(session, alert.id, LATER).acknowledged_at == LATER
    assert snooze_alert(session, alert.id, MUCH_LATER, LATER).state is AlertState.SNOOZED
    resolved = resolve_alert(session, alert.id, MUCH_LATER)
    assert (resolved.state, resolved.resolved_at) == (AlertState.RESOLVED, MUCH_LATER)
    for step in (acknowledge_alert, resolve_alert):
        with pytest.raises(AlertStateError, match="was resolved at 2026-03-01T13:00:00"):
            step(session, alert.id, MUCH_LATER)
    with pytest.raises(UnknownAlertError, match="reset or deleted"):
        resolve_alert(session, uuid4(), MUCH_LATER)


def test_a_snooze_has_to_end_in_the_future_and_then_the_alert_is_open_again(session, stream):
    [alert, _] = raise_alerts(session, stream, alert_row(1), alert_row(2))
    with pytest.raises(AlertStateError, match="has passed"):
        snooze_alert(session, alert.id, NOW, NOW)
    snooze_alert(session, alert.id, LATER, NOW)
    snoozed, is_open = AlertFilter(state=AlertState.SNOOZED), AlertFilter(state=AlertState.OPEN)
    before = LATER - timedelta(seconds=1)
    assert numbers(list_alerts(session, before, snoozed)) == [1]
    assert numbers(list_alerts(session, LATER, snoozed)) == []
    assert numbers(list_alerts(session, before, is_open)) == [2]
    assert numbers(list_alerts(session, LATER, is_open)) == [2, 1]
    assert (alert.state_at(before), alert.state_at(LATER)) == ("snoozed", "open")
    assert count_alerts(session, [stream.id], before)[stream.id] == {"open": 1, "snoozed": 1}
    assert count_alerts(session, [stream.id], LATER)[stream.id] == {"open": 2}


def test_feedback_stays_with_the_alert_whatever_its_state(session, stream):
    [alert] = raise_alerts(session, stream, alert_row(1))
    resolve_alert(session, alert.id, LATER)
    given = give_feedback(session, alert.id, False, "a \x00 holiday")
    session.expire_all()
    assert (given.feedback, given.note, given.state) == (False, "a \ufffd holiday", "resolved")
