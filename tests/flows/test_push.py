"""Points that a caller hands over."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from detectors.errors import DetectorError
from flows.push import push
from flows.stream import stream
from models.errors import StreamHeldError, StreamStatusError, UnknownStreamError
from models.queries.points import list_points
from models.queries.stream_life import pause_stream
from models.session import session_scope
from tasks.database import open_engine, utc_now
from tasks.streams import push_points
from tasks.streams.push_points import Point
from tests.flows.streams import add_stream, alerts_of, the_stream, write_rows
from tests.flows.waiting import wait_for

pytestmark = pytest.mark.usefixtures("prefect_server", "vigil_home")

BEGUN = datetime(2026, 3, 1, tzinfo=UTC)


def points(first, n, odd=()):
    return [
        Point(
            values={"load": 99.0 if number in odd else float(number % 7)},
            timestamp=BEGUN + timedelta(minutes=number),
            key=f"order-{number}",
        )
        for number in range(first, first + n)
    ]


def kept(name):
    with session_scope(open_engine(), writes=False) as session:
        return list_points(session, the_stream(name).id, limit=2000).items[::-1]


def test_points_are_scored_in_their_order_and_their_alerts_returned():
    add_stream("pushed")
    push("pushed", points(0, 200))
    result = push("pushed", points(200, 50, odd=(230,)))
    assert (result.scored, result.known) == (50, 0)
    [alert] = result.alerts
    assert (alert.key, alert.sequence, alert.incident) == ("order-230", 230, 1)
    [stored] = alerts_of("pushed")
    assert (stored.id, stored.timestamp) == (alert.id, BEGUN + timedelta(minutes=230))
    assert stored.event_at is not None
    assert the_stream("pushed").lease_owner is None


def test_a_key_that_is_a_number_is_the_same_as_its_text():
    add_stream("pushed")
    keys = [7, 17000000000000000001, 1.5, True]
    given = [{"values": {"load": 1.0}, "key": key} for key in keys]
    assert push("pushed", given).known == 0
    texts = ["7", "17000000000000000001", "1.5", "true"]
    assert [point.row_key for point in kept("pushed")] == texts
    again = [Point(values={"load": 2.0}, key=key) for key in texts]
    assert push("pushed", again).known == 4


def test_asking_again_scores_nothing_twice_and_gets_the_same_answer():
    add_stream("pushed", keep_points=20)
    push("pushed", points(0, 200))
    first = push("pushed", points(200, 50, odd=(210, 245)))
    before = kept("pushed")
    again = push("pushed", points(230, 20, odd=(245,)) + points(210, 1, odd=(210,)))
    assert (again.scored, again.known) == (0, 21)
    assert again.alerts == first.alerts
    assert kept("pushed") == before
    twice = push("pushed", [*points(250, 1), *points(250, 1)])
    assert (twice.scored, twice.known) == (1, 1)


def test_points_need_neither_key_nor_time_nor_every_column():
    add_stream("pushed", columns=["load", "latency"])
    before = utc_now()
    result = push("pushed", [Point(values={"load": 1}), Point(values={"latency": None})])
    assert (result.scored, result.skipped, result.alerts) == (1, 1, [])
    first, second = kept("pushed")
    assert (first.values, first.row_key) == ({"load": 1.0, "latency": None}, None)
    assert before <= first.timestamp <= utc_now()
    assert (second.values, second.score) == ({"load": None, "latency": None}, None)


def test_a_column_that_the_stream_does_not_watch_is_refused_and_nothing_stored():
    add_stream("pushed")
    push("pushed", points(0, 3))
    with pytest.raises(DetectorError, match="pushed watches load, and the points hold 'speed'"):
        push("pushed", [Point(values={"load": 1.0, "speed": 2.0})])
    assert len(kept("pushed")) == 3
    assert push("pushed", points(3, 1)).scored == 1


def test_a_stream_that_rests_or_does_not_exist_takes_no_points():
    pushed = add_stream("pushed")
    with session_scope(open_engine()) as session:
        pause_stream(session, pushed.id)
    with pytest.raises(StreamStatusError, match="pushed is paused"):
        push("pushed", points(0, 1))
    with pytest.raises(UnknownStreamError, match="did you mean 'pushed'"):
        push("pusched", points(0, 1))


def test_pushes_at_once_wait_for_one_another():
    add_stream("pushed")
    threads = [
        threading.Thread(target=push, args=("pushed", points(100 * number, 100)))
        for number in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({point.row_key for point in kept("pushed")}) == 400
    assert [point.sequence for point in kept("pushed")] == list(range(400))


def test_a_stream_that_is_polled_says_who_has_it(tmp_path, monkeypatch):
    monkeypatch.setattr(push_points, "_LONGEST_WAIT_SECONDS", 0.5)
    path = tmp_path / "feed.csv"
    write_rows(path, 0, 100)
    live = add_stream("live", path)
    polling = threading.Thread(target=stream, kwargs={"run_for": 60})
    polling.start()
    wait_for(lambda: the_stream("live").is_held(utc_now()))
    with pytest.raises(StreamHeldError, match=r"worked on by flow run .*vigil streams pause live"):
        push("live", [Point(values={"load": 1.0})])
    with session_scope(open_engine()) as session:
        pause_stream(session, live.id)
    polling.join(20)
