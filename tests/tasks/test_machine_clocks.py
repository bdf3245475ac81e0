"""What machines do to one another does not depend on their clocks."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from models.clock import read_clock
from models.queries.batch_life import beat, start_batch
from models.queries.batches import create_batch
from models.queries.lease import Lease, take_lease
from models.queries.orphans import EndedOrphans
from models.queries.sources import add_source
from models.queries.streams import create_stream, get_stream
from models.session import session_scope
from settings import get_settings
from tasks import database
from tasks.database import open_engine, utc_now
from tasks.stale_runs import end_stale
from tasks.streams.take_streams import keep_streams
from tests.models.conftest import postgres_schema
from tests.models.examples import batch_request, definition, request_for, stream_definition


@pytest.fixture
def session(postgres_url, monkeypatch):
    with postgres_schema(postgres_url) as url:
        monkeypatch.setenv("VIGIL_DATABASE_URL", url)
        get_settings.cache_clear()
        yield lambda: session_scope(open_engine())
        open_engine().dispose()
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.fixture(params=[timedelta(days=-900), timedelta(days=900)], ids=["behind", "ahead"])
def wrong_clock(request, monkeypatch):
    """The clock of this machine is years behind, or ahead."""

    class Wrong(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + request.param

    monkeypatch.setattr(database, "datetime", Wrong)
    assert abs(utc_now() - datetime.now(UTC)) > timedelta(days=899)


def test_a_lease_is_as_long_as_the_settings_say(session, wrong_clock):
    lease_seconds = timedelta(seconds=get_settings().stale_after_seconds)
    with session() as opened:
        stream = create_stream(opened, stream_definition(None, name="a"), utc_now())
        lease = Lease(stream.id, uuid4())
        now = read_clock(opened)
        take_lease(opened, lease, now, now)
    keep_streams(lease.owner)
    with session() as opened:
        left = get_stream(opened, "a").lease_expires_at - read_clock(opened)
    assert lease_seconds - timedelta(seconds=30) < left <= lease_seconds


def test_a_live_batch_is_not_taken_for_dead(session, wrong_clock):
    with session() as opened:
        source = add_source(opened, definition(), utc_now())
        batch, _ = create_batch(opened, batch_request(), [request_for(source)], utc_now())
        start_batch(opened, batch.id, utc_now())
        beat(opened, batch.id, read_clock(opened))
    assert end_stale() == EndedOrphans()
