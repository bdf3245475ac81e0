"""At most one holder: taking, fencing and letting go, also with real threads at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest

from models.clock import LifeCheck
from models.errors import LeaseLostError, StreamHeldError, StreamStatusError
from models.queries.lease import (
    Lease,
    LeaseView,
    look_at_lease,
    release_lease,
    release_leases,
    renew_leases,
    take_from_dead,
    take_lease,
    take_leases,
)
from models.queries.polls import Failure, Poll, record_stream_failure, renew_lease
from models.queries.stream_life import pause_stream, reset_stream
from models.queries.streams import create_stream, get_stream
from models.session import session_scope
from models.stream_status import StreamStatus
from tests.models.examples import NOW, stream_definition

LATER = NOW + timedelta(minutes=1)
MUCH_LATER = NOW + timedelta(minutes=5)
POLL = Poll(polled_at=NOW, next_poll_at=LATER, behind=3.0, behind_unit="bytes")
ERROR = Failure("SourceError", "gone", NOW, LATER)


@pytest.fixture
def session(engine):
    with session_scope(engine) as session:
        yield session


def create(session, source, *names, **changes):
    return [
        create_stream(session, stream_definition(source, name=n, **changes), NOW) for n in names
    ]


def take(session, now=NOW, limit=10, **options):
    """Take what is free as a new holder, and return it with the names of what it got."""
    owner = uuid4()
    taken = take_leases(session, owner, now, now + timedelta(minutes=1), limit, **options)
    return owner, [stream.name for stream in taken]


def test_what_is_held_is_not_taken_again_until_its_lease_has_expired(session, source):
    create(session, source, "a", "b")
    first, names = take(session, limit=1)
    assert names == ["a"]
    assert take(session)[1] == ["b"]
    assert take(session)[1] == []
    assert take(session, now=LATER)[1] == ["a", "b"]
    with pytest.raises(LeaseLostError, match="held by somebody else"):
        renew_lease(session, Lease(get_stream(session, "a").id, first), MUCH_LATER, POLL)


def test_a_lease_of_a_clock_that_was_set_back_holds_nothing(session, source):
    """The holder was killed while the clock was a day ahead."""
    ahead = NOW + timedelta(days=1)
    create(session, source, "a", "b")
    old, names = take(session, now=ahead)
    assert names == ["a", "b"]
    lease = Lease(get_stream(session, "a").id, uuid4())
    take_lease(session, lease, NOW, LATER)
    assert take(session)[1] == ["b"]
    with pytest.raises(LeaseLostError):
        look_at_lease(session, Lease(lease.stream_id, old))
    assert not get_stream(session, "b").is_held(NOW + timedelta(days=2))


def test_a_clock_that_jumps_ahead_and_back_costs_a_live_holder_nothing_but_a_lease(session, source):
    [stream] = create(session, source, "a")
    first, _ = take(session)
    _, names = take(session, now=NOW + timedelta(days=1))
    assert names == ["a"]
    with pytest.raises(LeaseLostError):
        renew_lease(session, Lease(stream.id, first), LATER, POLL)
    third, names = take(session)
    assert (names, stream.lease_owner) == (["a"], third)


def test_only_a_dead_holder_loses_a_stream_that_is_paused(session, source):
    check = LifeCheck(NOW, timedelta(minutes=1))
    alive, dead = create(session, source, "alive", "dead")
    take(session, among=[alive.id])
    take(session, now=NOW + timedelta(days=1), among=[dead.id])
    for stream in (alive, dead):
        take_from_dead(session, pause_stream(session, stream.id), check)
    assert (alive.lease_owner is None, dead.lease_owner is None) == (False, True)


def test_only_streams_that_are_to_be_polled_are_taken(session, source):
    paused, wanted, other = create(session, source, "paused", "wanted", "other")
    create(session, None, "pushed")
    pause_stream(session, paused.id)
    assert take(session, among=[paused.id, wanted.id])[1] == ["wanted"]
    assert take(session)[1] == ["other"]
    assert other.status is StreamStatus.RUNNING


def test_those_that_waited_longest_come_first(session, source):
    streams = create(session, source, "a", "b", "c")
    for stream, minutes in zip(streams, (3, 1, 2), strict=True):
        stream.last_polled_at = NOW - timedelta(minutes=minutes)
    create(session, source, "new")
    session.flush()
    assert take(session)[1] == ["new", "a", "c", "b"]


def test_of_many_that_ask_at_once_each_stream_has_one_holder(engine, source):
    names = [f"stream-{number}" for number in range(12)]
    with session_scope(engine) as session:
        create(session, source, *names)

    def ask(_):
        with session_scope(engine) as session:
            return take(session, limit=3)[1]

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(ask, range(8)))
    everything = [name for some in taken for name in some]
    assert sorted(everything) == sorted(set(everything))
    with session_scope(engine) as session:  # those who met a locked row may have got less
        assert sorted(everything + take(session, limit=12)[1]) == sorted(names)


def test_a_holder_renews_all_it_has_at_once_and_lets_it_go(session, source):
    create(session, source, "a", "b", "c")
    owner, _ = take(session, limit=2)
    assert renew_leases(session, owner, MUCH_LATER) == 2
    assert take(session, now=LATER)[1] == ["c"]
    assert release_leases(session, owner) == 2
    assert take(session, now=LATER)[1] == ["a", "b"]


def test_a_holder_sees_that_a_person_wants_a_pause(session, source):
    [stream] = create(session, source, "a")
    owner, _ = take(session)
    lease = Lease(stream.id, owner)
    pause_stream(session, stream.id)
    assert look_at_lease(session, lease) == LeaseView(StreamStatus.PAUSED, NOW)
    assert renew_lease(session, lease, LATER, POLL) == LeaseView(StreamStatus.PAUSED, NOW)
    release_lease(session, lease)
    with pytest.raises(LeaseLostError):
        look_at_lease(session, lease)


def test_a_poll_that_went_well_is_noted_and_ends_the_failures(session, source):
    [stream] = create(session, source, "a")
    owner, _ = take(session)
    lease = Lease(stream.id, owner)
    record_stream_failure(session, lease, LATER, ERROR)
    assert (stream.failures, stream.error_message) == (1, "gone")
    renew_lease(session, lease, MUCH_LATER, POLL)
    session.expire_all()
    assert (stream.failures, stream.error_type, stream.error_message) == (0, None, None)
    assert (stream.last_polled_at, stream.next_poll_at) == (NOW, LATER)
    assert (stream.behind, stream.behind_unit) == (3.0, "bytes")


def test_after_too_many_failures_in_a_row_a_stream_is_given_up(session, source):
    [stream] = create(session, source, "a", max_failures=2)
    owner, _ = take(session)
    lease = Lease(stream.id, owner)
    assert record_stream_failure(session, lease, LATER, ERROR).status is StreamStatus.RUNNING
    given_up = record_stream_failure(session, lease, LATER, ERROR)
    assert (given_up.status, given_up.lease_owner) == (StreamStatus.ERROR, None)
    assert take(session, now=MUCH_LATER)[1] == []
    with pytest.raises(LeaseLostError):
        record_stream_failure(session, lease, LATER, ERROR)


def test_a_single_stream_is_taken_only_if_it_is_free_and_at_work(session, source):
    [stream] = create(session, None, "pushed")
    first, second = Lease(stream.id, uuid4()), Lease(stream.id, uuid4())
    take_lease(session, first, NOW, LATER)
    with pytest.raises(StreamHeldError, match="pushed is worked on by flow run"):
        take_lease(session, second, NOW, LATER)
    assert take_lease(session, second, LATER, MUCH_LATER).lease_owner == second.owner
    pause_stream(session, stream.id)
    with pytest.raises(StreamStatusError, match="pushed is paused"):
        take_lease(session, first, MUCH_LATER, MUCH_LATER)


def test_a_reset_is_heeded_by_a_holder_that_knows_nothing_of_it(session, source):
    [stream] = create(session, source, "a")
    owner, _ = take(session)
    reset_stream(session, stream.id, LATER)
    with pytest.raises(LeaseLostError):
        renew_lease(session, Lease(stream.id, owner), MUCH_LATER, POLL)
