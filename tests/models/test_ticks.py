"""What a tick stores, all or nothing."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy.exc import IntegrityError

from models.errors import LeaseLostError
from models.queries.alerts import AlertFilter, list_alerts
from models.queries.lease import Lease, release_lease, take_lease
from models.queries.points import (
    find_checkpoint,
    known_point_keys,
    list_points,
    list_stream_statistics,
)
from models.queries.polls import Poll
from models.queries.streams import create_stream
from models.queries.ticks import move_cursor, store_tick
from models.session import session_scope
from models.stream_status import AlertState
from tests.models.examples import NOW, alert_row, point_row, stream_definition, tick_result

LATER = NOW + timedelta(minutes=1)
POLL = Poll(polled_at=NOW, next_poll_at=LATER)


@pytest.fixture
def session(engine):
    with session_scope(engine) as session:
        yield session


@pytest.fixture
def lease(session, source):
    stream = create_stream(session, stream_definition(source), NOW)
    lease = Lease(stream.id, uuid4())
    take_lease(session, lease, NOW, LATER)
    return lease


def store(session, lease, tick):
    return store_tick(session, lease, tick, POLL, LATER, NOW)


def sequences(session, lease):
    points = list_points(session, lease.stream_id, limit=99)
    return [point.sequence for point in points.items]


def test_what_was_stored_is_read_again_to_the_bit(session, lease):
    tick = tick_result(300, alert_row(299))
    store(session, lease, tick)
    session.expire_all()
    checkpoint = find_checkpoint(session, lease.stream_id)
    stored = {name: getattr(checkpoint, name) for name in vars(tick.checkpoint)}
    assert stored == vars(tick.checkpoint)
    assert checkpoint.alerts == 1
    [column] = list_stream_statistics(session, lease.stream_id)
    wanted = vars(tick.statistics[0])
    assert {name: getattr(column, name) for name in wanted} == wanted
    point = list_points(session, lease.stream_id, limit=1).items[0]
    assert {name: getattr(point, name) for name in vars(point_row(299))} == vars(point_row(299))
    [alert] = list_alerts(session, NOW).items
    assert {name: getattr(alert, name) for name in vars(alert_row(299))} == vars(alert_row(299))
    assert (alert.state, alert.next_attempt_at, alert.attempts) == (AlertState.OPEN, NOW, 0)


def test_only_the_last_points_are_kept(session, lease):
    for rows_seen in (3, 6, 9):
        store(session, lease, tick_result(rows_seen))
    assert sequences(session, lease) == [8, 7, 6, 5, 4]
    assert known_point_keys(session, lease.stream_id, ["order-3", "order-4"]) == {"order-4"}


def test_a_row_raises_one_alert_however_often_it_is_read(session, lease):
    first = store(session, lease, tick_result(3, alert_row(1), alert_row(2, row_key="order-1")))
    again = store(session, lease, tick_result(6, alert_row(4, row_key="order-1"), alert_row(5)))
    assert [len(first.alerts), len(again.alerts)] == [1, 1]
    found = list_alerts(session, NOW).items
    assert [alert.deduplication_key for alert in found] == ["=order-5", "=order-1"]
    assert find_checkpoint(session, lease.stream_id).alerts == 2


def test_rows_without_a_key_are_told_apart_by_their_place(session, lease):
    alerts = [alert_row(1, row_key=None), alert_row(2, row_key=None)]
    tick = tick_result(3, *alerts, points=[])
    assert len(store(session, lease, tick).alerts) == 2
    assert len(store(session, lease, tick).alerts) == 0


def test_a_key_that_no_database_can_hold_still_tells_rows_apart(session, lease):
    odd = alert_row(1, row_key="a\x00b")
    assert len(store(session, lease, tick_result(3, odd)).alerts) == 1
    assert len(store(session, lease, tick_result(6, odd)).alerts) == 0


def test_quiet_rows_resolve_the_alerts_of_an_incident_and_no_others(session, lease):
    store(session, lease, tick_result(3, alert_row(1), alert_row(2, incident=2)))
    later = tick_result(6, alert_row(4, incident=3), resolved=[1, 3])
    store(session, lease, later)
    session.expire_all()
    states = {alert.incident: alert.state.value for alert in list_alerts(session, NOW).items}
    assert states == {1: "resolved", 2: "open", 3: "resolved"}


def test_thousands_of_alerts_fit_into_one_tick(session, lease):
    alerts = [alert_row(sequence) for sequence in range(3000)]
    assert len(store(session, lease, tick_result(3000, *alerts)).alerts) == 3000
    matching = AlertFilter(stream_id=lease.stream_id)
    assert list_alerts(session, NOW, matching, limit=1).total == 3000


def test_a_holder_that_lost_its_stream_stores_nothing(engine, source):
    with session_scope(engine) as session:
        stream = create_stream(session, stream_definition(source), NOW)
        lease = Lease(stream.id, uuid4())
        take_lease(session, lease, NOW, LATER)
        release_lease(session, lease)
    with pytest.raises(LeaseLostError), session_scope(engine) as session:
        store(session, lease, tick_result(3, alert_row(1)))
    with session_scope(engine) as session:
        assert find_checkpoint(session, stream.id) is None
        assert list_alerts(session, NOW).total == 0


def test_a_tick_that_fails_half_way_leaves_nothing_behind(engine, source):
    with session_scope(engine) as session:
        stream = create_stream(session, stream_definition(source), NOW)
        lease = Lease(stream.id, uuid4())
        take_lease(session, lease, NOW, LATER)
    broken = tick_result(3, alert_row(1), points=[point_row(1), point_row(1)])
    with pytest.raises(IntegrityError), session_scope(engine) as session:
        store(session, lease, broken)
    with session_scope(engine) as session:
        assert list_alerts(session, NOW).total == 0
        assert find_checkpoint(session, stream.id) is None


def test_a_cursor_moves_on_without_rows(session, lease):
    store(session, lease, tick_result(3))
    move_cursor(session, lease.stream_id, "further on", LATER)
    session.expire_all()
    checkpoint = find_checkpoint(session, lease.stream_id)
    assert (checkpoint.cursor, checkpoint.rows_seen) == ("further on", 3)
