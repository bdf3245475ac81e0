"""What is told of alerts, to whom, and how often."""

import asyncio
import threading
from datetime import timedelta

import pytest
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.blocks.system import Secret
from prefect.events.clients import get_events_subscriber
from prefect.events.filters import (
    EventFilter,
    EventNameFilter,
    EventOccurredFilter,
    EventResourceFilter,
)
from sqlmodel import col, update

from flows.push import push
from flows.stream import stream
from models.queries.alerts import snooze_alert
from models.session import session_scope
from models.tables.alert import Alert
from models.tables.stream import Stream
from tasks.database import open_engine, utc_now
from tests.flows.streams import add_stream, alerts_of, the_stream, write_rows
from tests.flows.test_push import points

pytestmark = pytest.mark.usefixtures("prefect_server", "vigil_home")


@pytest.fixture
def hook(http_server):
    """A notification block that calls the test's own server."""
    http_server.answer("/hook", {})
    block = CustomWebhookNotificationBlock(
        name="hook",
        url=f"{http_server.url}/hook",
        method="GET",
        params={"subject": "{{subject}}", "body": "{{body}}"},
    )
    block.save("hook", overwrite=True)
    return http_server


def sent(hook):
    return [request.params for request in hook.requests]


def make_due(**changes):
    """Let the time pass that alerts and streams are waiting for."""
    with session_scope(open_engine()) as session:
        session.execute(update(Stream).values(notified_at=None))
        waiting = update(Alert).where(col(Alert.next_attempt_at).is_not(None))
        session.execute(waiting.values(next_attempt_at=utc_now(), **changes))


def test_a_backlog_of_alerts_is_one_notification(hook, tmp_path):
    path = tmp_path / "feed.csv"
    write_rows(path, 0, 2000, odd=tuple(range(100, 2000, 25)))
    add_stream("live", path, notify_block="custom-webhook/hook", page_limit=2000)
    stream(run_for=6)
    [message] = sent(hook)
    found = alerts_of("live")
    assert len(found) == 76
    assert message["subject"] == "76 alerts in live"
    first = message["body"].splitlines()[0]
    assert first.startswith("Incident 1: 1 alert since ")
    assert "above 4: load is 99, expected " in first
    assert "and 71 more incidents" in message["body"]
    assert all(alert.notified_at and alert.next_attempt_at is None for alert in found)


def test_what_follows_within_a_minute_is_sent_together_later(hook):
    add_stream("pushed", notify_block="custom-webhook/hook")
    push("pushed", points(0, 200, odd=(150,)))
    push("pushed", points(200, 10, odd=(205,)))
    push("pushed", points(210, 10, odd=(215,)))
    assert [message["subject"] for message in sent(hook)] == ["1 alert in pushed"]
    waiting = [alert for alert in alerts_of("pushed") if alert.notified_at is None]
    assert [alert.sequence for alert in waiting] == [205, 215]
    assert all(alert.event_at is not None for alert in waiting)
    soonest = the_stream("pushed").notified_at + timedelta(seconds=60)
    assert {alert.next_attempt_at for alert in waiting} == {soonest}
    make_due()
    stream(run_for=0.1)  # which polls nothing, and announces what is due first
    assert [message["subject"] for message in sent(hook)[1:]] == ["2 alerts in pushed"]


def test_a_notification_that_fails_is_tried_again_and_holds_up_no_event(hook, http_server):
    add_stream("pushed", notify_block="custom-webhook/gone")
    push("pushed", points(0, 200, odd=(150,)))
    [alert] = alerts_of("pushed")
    assert (alert.notified_at, alert.attempts) == (None, 1)
    assert "there is no block 'custom-webhook/gone': create it" in alert.announcing_error
    assert alert.event_at is not None
    assert alert.next_attempt_at > utc_now()
    block = CustomWebhookNotificationBlock(
        name="gone", url=f"{http_server.url}/hook", method="GET", params={"text": "{{subject}}"}
    )
    block.save("gone", overwrite=True)
    make_due()
    push("pushed", points(200, 1))
    [alert] = alerts_of("pushed")
    assert (alert.announcing_error, alert.next_attempt_at) == (None, None)
    assert [message["text"] for message in sent(hook)] == ["1 alert in pushed"]


def test_a_block_of_another_kind_is_named(hook):
    Secret(value="x").save("odd", overwrite=True)
    add_stream("pushed", notify_block="secret/odd")
    push("pushed", points(0, 200, odd=(150,)))
    assert "is no notification block" in alerts_of("pushed")[0].announcing_error


def test_an_incident_that_is_snoozed_is_not_notified_of_until_then(hook):
    add_stream("pushed", notify_block="custom-webhook/hook", resolve_after=1000)
    push("pushed", points(0, 200, odd=(150,)))
    until = utc_now() + timedelta(hours=1)
    with session_scope(open_engine()) as session:
        snooze_alert(session, alerts_of("pushed")[0].id, until, utc_now())
        session.execute(update(Stream).values(notified_at=None))
    push("pushed", points(200, 10, odd=(205,)))
    [_, alert] = alerts_of("pushed")
    assert (alert.incident, alert.notified_at, alert.next_attempt_at) == (1, None, until)
    assert alert.event_at is not None
    assert len(sent(hook)) == 1


def test_a_subscription_to_a_stream_gets_its_alerts_live():
    add_stream("subscribed")
    add_stream("other")
    push("subscribed", points(0, 200))
    push("other", points(0, 200))
    wanted = EventFilter(
        event=EventNameFilter(name=["vigil.alert.raised"]),
        resource=EventResourceFilter(id=["vigil.stream.subscribed"]),
        occurred=EventOccurredFilter(since=utc_now()),
    )

    async def first_event(ready):
        async with get_events_subscriber(filter=wanted) as events:
            ready.set()
            return await anext(aiter(events))

    ready, received = threading.Event(), []
    thread = threading.Thread(
        target=lambda: received.append(asyncio.run(asyncio.wait_for(first_event(ready), 30)))
    )
    thread.start()
    assert ready.wait(30)
    push("other", points(200, 1, odd=(200,)))
    push("subscribed", points(200, 1, odd=(200,)))
    thread.join(300)
    [alert], [event] = alerts_of("subscribed"), received
    assert (event.id, event.payload["alert_id"]) == (alert.id, str(alert.id))
    assert (event.payload["stream"], event.payload["row_key"]) == ("subscribed", "order-200")
    assert event.related[0].id == f"vigil.alert.{alert.id}"
