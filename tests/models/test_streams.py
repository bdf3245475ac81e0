from datetime import timedelta
from uuid import uuid4

import pytest

from models.errors import (
    EmptySelectionError,
    StreamExistsError,
    StreamStatusError,
    UnknownSourceError,
    UnknownStreamError,
)
from models.queries.alerts import list_alerts
from models.queries.lease import Lease, take_lease
from models.queries.points import find_checkpoint, list_points, list_stream_statistics
from models.queries.polls import Poll
from models.queries.sources import Change, delete_source
from models.queries.stream_life import pause_stream, reset_stream, resume_stream, stop_stream
from models.queries.streams import (
    create_stream,
    delete_stream,
    get_stream,
    list_streams,
    save_stream,
    select_streams,
)
from models.queries.ticks import store_tick
from models.session import session_scope
from models.stream_status import StreamStatus
from tests.models.examples import NOW, alert_row, stream_definition, tick_result

LATER = NOW + timedelta(minutes=1)
POLL = Poll(polled_at=NOW, next_poll_at=LATER, behind=3.0, behind_unit="bytes")


@pytest.fixture
def session(engine):
    with session_scope(engine) as session:
        yield session


@pytest.fixture
def stream(session, source):
    return create_stream(session, stream_definition(source), NOW)


def work_on(session, stream, *alerts):
    """Take the stream and store a tick."""
    lease = Lease(stream.id, uuid4())
    take_lease(session, lease, NOW, LATER)
    store_tick(session, lease, tick_result(3, *alerts), POLL, LATER, NOW)
    return lease


def test_a_new_stream_is_as_it_was_defined(session, source):
    definition = stream_definition(source, tags=["shop"], columns=["amount"], threshold=0.1 + 0.2)
    created = create_stream(session, definition, NOW)
    session.expire_all()
    found = get_stream(session, "orders-live")
    assert found.id == created.id
    assert {name: getattr(found, name) for name in vars(definition)} == vars(definition)
    assert (found.status, found.is_held(NOW), found.created_at) == ("created", False, NOW)


def test_a_name_is_taken_once(session, stream):
    with pytest.raises(StreamExistsError, match="'orders-live' exists already"):
        create_stream(session, stream_definition(), NOW)


def test_a_stream_of_an_unknown_source_is_refused(session, engine):
    with pytest.raises(UnknownSourceError):
        create_stream(session, stream_definition(source_id=uuid4()), NOW)


def test_a_stream_is_found_by_name_id_and_the_first_digits_of_it(session, stream):
    for name in (stream.name, stream.id, str(stream.id), stream.id.hex[:8]):
        assert get_stream(session, name).id == stream.id


def test_an_unknown_name_offers_similar_ones(session, stream):
    with pytest.raises(UnknownStreamError, match="did you mean 'orders-live'"):
        get_stream(session, "order-live")


def test_lists_have_true_totals_and_filter_by_status_and_tag(session, source):
    for name, tags in {"c": ["x"], "a": ["x", "y"], "b": []}.items():
        create_stream(session, stream_definition(source, name=name, tags=tags), NOW)
    pause_stream(session, get_stream(session, "a").id)
    page = list_streams(session, limit=2)
    assert ([stream.name for stream in page.items], page.total) == (["a", "b"], 3)
    assert [stream.name for stream in list_streams(session, tag="x").items] == ["a", "c"]
    paused = list_streams(session, status=StreamStatus.PAUSED).items
    assert [stream.name for stream in paused] == ["a"]


def test_streams_are_selected_by_name_and_tag_each_once(session, source):
    ids = {
        name: create_stream(session, stream_definition(source, name=name, tags=tags), NOW).id
        for name, tags in {"a": ["x"], "b": ["y"], "c": []}.items()
    }
    assert select_streams(session, ["c", "a"], ["x", "y"]) == [ids["c"], ids["a"], ids["b"]]
    with pytest.raises(EmptySelectionError, match="has the tag z"):
        select_streams(session, None, ["z"])
    with pytest.raises(UnknownStreamError):
        select_streams(session, ["d"], None)


def test_saving_a_definition_creates_changes_or_leaves_a_stream(session, source):
    first = save_stream(session, stream_definition(source), NOW)
    same = save_stream(session, stream_definition(source), LATER)
    changed = save_stream(session, stream_definition(source, threshold=0.7), LATER)
    changes = [first.change, same.change, changed.change]
    assert changes == [Change.CREATED, Change.UNCHANGED, Change.CHANGED]
    assert (changed.stream.threshold, changed.stream.updated_at) == (0.7, LATER)


def test_what_a_stream_has_learnt_with_cannot_change(session, source, stream):
    work_on(session, stream)
    with pytest.raises(StreamStatusError, match=r"columns cannot change .*streams reset"):
        save_stream(session, stream_definition(source, columns=["amount"]), LATER)
    assert save_stream(session, stream_definition(source, seed=0, every_seconds=1.0), LATER)


def test_a_stream_rests_and_goes_on(session, stream):
    stream.failures, stream.error_type = 3, "SourceError"
    assert pause_stream(session, stream.id).status is StreamStatus.PAUSED
    with pytest.raises(StreamStatusError, match="is paused, expected created or running"):
        pause_stream(session, stream.id)
    resumed = resume_stream(session, stream.id)
    assert (resumed.status, resumed.failures, resumed.error_type) == ("running", 0, None)
    with pytest.raises(StreamStatusError, match="is running, expected paused"):
        resume_stream(session, stream.id)
    assert stop_stream(session, stream.id).status is StreamStatus.STOPPED


def test_a_reset_forgets_everything_and_takes_the_stream_from_its_holder(session, stream):
    work_on(session, stream, alert_row(1))
    reset = reset_stream(session, stream.id, LATER)
    session.expire_all()
    assert (reset.status, reset.lease_owner, reset.last_polled_at) == ("created", None, None)
    assert find_checkpoint(session, stream.id) is None
    assert list_points(session, stream.id, limit=9).total == 0
    assert list_stream_statistics(session, stream.id) == []
    assert list_alerts(session, NOW).total == 0


def test_with_a_stream_or_its_source_goes_all_that_belongs_to_it(session, source, stream):
    other = create_stream(session, stream_definition(source, name="other"), NOW)
    work_on(session, stream, alert_row(1))
    work_on(session, other, alert_row(1))
    delete_stream(session, stream.id)
    assert list_alerts(session, NOW).total == 1
    delete_source(session, source.name)
    assert list_alerts(session, NOW).total == 0
    with pytest.raises(UnknownStreamError, match="no stream has the id"):
        delete_stream(session, stream.id)
