"""The flow ``stream`` against real files, a real database and a real Prefect server."""

import threading
from datetime import timedelta

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from sqlmodel import col, update

import flows.stream
from flows.stream import stream
from models.errors import EmptySelectionError
from models.queries.points import find_checkpoint
from models.queries.stream_life import pause_stream, reset_stream, resume_stream
from models.session import session_scope
from models.stream_status import StreamStatus
from models.tables.stream import Stream
from settings import get_settings
from tasks.database import open_engine, utc_now
from tests.flows.failures import register
from tests.flows.streams import add_stream, alerts_of, the_stream, write_rows
from tests.flows.waiting import wait_for

pytestmark = pytest.mark.usefixtures("prefect_server", "vigil_home")


@pytest.fixture
def feed(tmp_path):
    path = tmp_path / "feed.csv"
    write_rows(path, 0, 400, odd=(200, 201, 300))
    return path


def checkpoint_of(name):
    with session_scope(open_engine(), writes=False) as session:
        return find_checkpoint(session, the_stream(name).id)


def run_beside(**parameters):
    """Run the flow on a thread, and return the thread and where its state will be."""
    states = []
    thread = threading.Thread(target=lambda: states.append(stream(**parameters, return_state=True)))
    thread.start()
    return thread, states


def reports():
    wanted = ArtifactFilter(key=ArtifactFilterKey(any_=["stream-report"]))
    with get_client(sync_client=True) as client:
        return client.read_artifacts(artifact_filter=wanted)


def test_what_is_odd_in_a_file_becomes_alerts_once(feed):
    add_stream("live", feed)
    state = stream(run_for=6, return_state=True)
    assert state.message == "3 alerts in 400 rows of 1 stream"
    found = alerts_of("live")
    assert [(alert.row_key, alert.sequence) for alert in found] == [
        ("200", 200),
        ("201", 201),
        ("300", 300),
    ]
    assert [(alert.incident, alert.state.value) for alert in found] == [
        (1, "resolved"),
        (1, "resolved"),
        (2, "resolved"),
    ]
    assert found[0].values == {"load": 99.0}
    assert found[0].columns["load"]["driving"]
    assert all(alert.event_at is not None and alert.next_attempt_at is None for alert in found)
    assert any(state.message in (one.description or "") for one in reports())
    after = the_stream("live")
    assert (after.status, after.lease_owner, after.error_type) == ("running", None, None)
    assert (after.behind, after.behind_unit) == (0.0, "bytes")
    assert stream(run_for=0.5, return_state=True).message == "0 alerts in 0 rows of 1 stream"
    assert len(alerts_of("live")) == 3


def test_rows_that_come_in_are_scored_while_the_run_lasts_and_a_pause_is_noticed(feed):
    live = add_stream("live", feed)
    thread, states = run_beside(run_for=60)
    wait_for(lambda: checkpoint_of("live"))
    write_rows(feed, 400, 60, odd=(450,))
    wait_for(lambda: len(alerts_of("live")) == 4)
    with session_scope(open_engine()) as session:
        pause_stream(session, live.id)
    thread.join(300)
    assert states[0].message == "4 alerts in 460 rows of 1 stream"
    assert (the_stream("live").status, the_stream("live").lease_owner) == ("paused", None)
    assert stream(run_for=5, return_state=True).message == "no stream is free"
    with session_scope(open_engine()) as session:
        resume_stream(session, live.id)
    write_rows(feed, 460, 10)
    assert stream(run_for=6, return_state=True).message == "0 alerts in 10 rows of 1 stream"


def test_a_reset_under_way_starts_anew_with_the_next_run(feed):
    live = add_stream("live", feed)
    thread, states = run_beside(run_for=60)
    wait_for(lambda: checkpoint_of("live"))
    with session_scope(open_engine()) as session:
        reset_stream(session, live.id, utc_now())
    thread.join(300)
    assert states[0].is_completed()
    assert (checkpoint_of("live"), alerts_of("live")) == (None, [])
    stream(run_for=6)
    assert [alert.sequence for alert in alerts_of("live")] == [200, 201, 300]


def test_one_stream_that_fails_stops_no_other_and_is_given_up_with_the_reason(feed, tmp_path):
    add_stream("live", feed)
    add_stream("gone", tmp_path / "gone.csv", max_failures=1)
    text = tmp_path / "text.csv"
    text.write_text("id,city\n1,Bonn\n2,Köln\n")
    add_stream("text", text, max_failures=1, columns=["city"])
    state = stream(run_for=6, return_state=True)
    assert state.is_completed()
    assert state.message == "3 alerts in 400 rows of 3 streams, 2 given up"
    gone, texts = the_stream("gone"), the_stream("text")
    assert (gone.status, gone.failures, gone.lease_owner) == (StreamStatus.ERROR, 1, None)
    assert "gone.csv" in gone.error_message
    assert (texts.status, texts.error_type) == (StreamStatus.ERROR, "DetectorError")
    assert "streams watch numbers" in texts.error_message
    assert stream(["gone", "text"], run_for=6, return_state=True).message == "no stream is free"


def test_a_stream_that_fails_is_tried_again_later_and_recovers(tmp_path):
    path = tmp_path / "late.csv"
    add_stream("late", path)
    thread, states = run_beside(run_for=60)
    wait_for(lambda: the_stream("late").failures == 1)
    write_rows(path, 0, 100)
    wait_for(lambda: checkpoint_of("late"))
    assert (the_stream("late").failures, the_stream("late").error_message) == (0, None)
    with session_scope(open_engine()) as session:
        pause_stream(session, the_stream("late").id)
    thread.join(300)
    assert states[0].message == "0 alerts in 100 rows of 1 stream"


def test_a_run_whose_streams_all_fail_fails(tmp_path):
    add_stream("gone", tmp_path / "gone.csv", max_failures=1)
    state = stream(run_for=6, return_state=True)
    assert state.is_failed()
    assert state.message == "0 alerts in 0 rows of 1 stream, 1 given up"


def test_streams_are_chosen_by_name_and_tag_and_shared_among_runs(feed):
    add_stream("a", feed, tags=["shop"])
    add_stream("b", feed)
    add_stream("c", feed)
    add_stream("pushed")
    assert "1 stream" in stream(tags=["shop"], run_for=0.5, return_state=True).message
    first, first_states = run_beside(run_for=20, max_streams=2)
    wait_for(lambda: sum(the_stream(name).is_held(utc_now()) for name in "abc") == 2)
    second = stream(run_for=6, return_state=True)
    first.join(300)
    assert second.message == "0 alerts in 0 rows of 1 stream"
    assert first_states[0].message == "6 alerts in 800 rows of 2 streams"
    with pytest.raises(EmptySelectionError):
        stream(tags=["nothing"])


def test_a_lease_of_a_dead_holder_is_taken_when_it_has_run_out(feed):
    live = add_stream("live", feed)
    ahead = utc_now() + timedelta(seconds=30)
    with session_scope(open_engine()) as session:
        session.execute(
            update(Stream)
            .where(col(Stream.id) == live.id)
            .values(lease_owner=live.id, lease_expires_at=ahead)
        )
    assert stream(run_for=6, return_state=True).message == "no stream is free"
    wait_for(lambda: utc_now() > ahead)
    assert stream(run_for=6, return_state=True).message == "3 alerts in 400 rows of 1 stream"


def test_after_a_clock_was_set_back_a_stream_goes_on_and_loses_nothing(feed):
    """Its holder was killed while the clock was a day ahead, in the middle of its work."""
    live = add_stream("live", feed)
    assert stream(run_for=6, return_state=True).message == "3 alerts in 400 rows of 1 stream"
    ahead = utc_now() + timedelta(days=1)
    with session_scope(open_engine()) as session:
        times = {"last_polled_at": ahead, "next_poll_at": ahead, "lease_expires_at": ahead}
        session.execute(
            update(Stream).where(col(Stream.id) == live.id).values(lease_owner=live.id, **times)
        )
    write_rows(feed, 400, 60, odd=(450,))
    assert stream(run_for=6, return_state=True).message == "1 alert in 60 rows of 1 stream"
    assert checkpoint_of("live").rows_seen == 460
    assert len(alerts_of("live")) == 4


def test_a_poll_that_hangs_keeps_neither_its_run_nor_its_stream_for_ever(
    feed, http_server, monkeypatch
):
    monkeypatch.setattr(flows.stream, "_LAST_TICK_SECONDS", 0.1)
    monkeypatch.setenv("VIGIL_STALE_AFTER_SECONDS", "5")
    get_settings.cache_clear()
    http_server.answer("/rows", [{"id": 1, "load": 2.0}], delay=60)
    slow = register("slow", "http", {"key_columns": ["id"]}, url=f"{http_server.url}/rows")
    add_stream("live", feed)
    hung = add_stream("hung")
    with session_scope(open_engine()) as session:
        session.execute(update(Stream).where(col(Stream.id) == hung.id).values(source_id=slow.id))
    state = stream(run_for=6, return_state=True)
    assert http_server.requests
    assert state.message == "3 alerts in 400 rows of 1 stream"
    assert the_stream("hung").lease_owner is None


def test_a_threshold_that_is_changed_counts_from_the_next_tick_on(feed):
    live = add_stream("live", feed)
    thread, states = run_beside(run_for=60)
    wait_for(lambda: checkpoint_of("live"))
    with session_scope(open_engine()) as session:
        changes = {"threshold": 1e6, "updated_at": utc_now()}
        session.execute(update(Stream).where(col(Stream.id) == live.id).values(**changes))
    write_rows(feed, 400, 60, odd=(450,))
    wait_for(lambda: checkpoint_of("live").rows_seen == 460)
    with session_scope(open_engine()) as session:
        pause_stream(session, live.id)
    thread.join(300)
    assert states[0].message == "3 alerts in 460 rows of 1 stream"
