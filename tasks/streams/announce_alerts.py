"""Tell of the alerts that are due: an event each, and notifications where a stream names a block.

Both go out from the rows of the alerts, after the transaction that stored them, until they
succeed: at least once, also across a crash.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from prefect.blocks.abstract import NotificationBlock
from prefect.blocks.core import Block
from prefect.client.orchestration import get_client
from prefect.events import Event
from sqlmodel import Session

from models.errors import DatabaseError
from models.queries.announcements import (
    DueAlerts,
    bring_forward,
    claim_due_alerts,
    next_due_at,
    note_events,
    note_failed_announcement,
    note_notification,
    note_resolved_events,
    put_off_alerts,
    settle_alerts,
)
from models.session import session_scope
from models.stream_status import AlertState
from models.tables.alert import Alert
from models.tables.stream import Stream
from tasks.database import open_engine, utc_now
from tasks.streams.messages import alert_event, is_over, notification, resolved_event

# A stream sends one notification at once, and what follows within a minute in another one.
_NOTIFICATION_GAP = timedelta(seconds=60)
_CLAIMED_FOR = timedelta(seconds=120)
_CLAIMED_AT_ONCE = 500
_EVENTS_AT_ONCE = 50
_FIRST_RETRY = timedelta(seconds=10)
_LAST_RETRY = timedelta(hours=1)


class NotificationBlockError(Exception):
    """The block that a stream names cannot be used; the message says what to do."""


def heed_clock() -> None:
    """Announce now what a clock that was set back since has put off for longer than any failure.

    Raises:
        DatabaseError: the database failed.
    """
    now = utc_now()
    with session_scope(open_engine()) as session:
        bring_forward(session, now, now + _LAST_RETRY)


def announce_due_alerts() -> datetime | None:
    """Announce every alert that is due, and return when the next one is; None if none is left.

    A failure is noted with the alert, which is tried again later and later; it stops no other.

    Raises:
        DatabaseError: the database failed.
    """
    while True:
        with session_scope(open_engine(), writes=False) as session:
            due_at = next_due_at(session)
        if due_at is None or due_at > utc_now():
            return due_at
        now = utc_now()
        with session_scope(open_engine()) as session:
            claimed = claim_due_alerts(session, now, now + _CLAIMED_FOR, _CLAIMED_AT_ONCE)
        for due in claimed:
            _announce(due)


def _announce(due: DueAlerts) -> None:
    try:
        stream = due.stream
        raised = [alert for alert in due.alerts if alert.event_at is None]
        over = [one for one in due.alerts if is_over(one) and one.resolved_event_at is None]
        _send_events(raised, partial(alert_event, stream), note_events)
        _send_events(over, partial(resolved_event, stream), note_resolved_events)
        _notify(due)
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001 - a block may raise anything, and other streams wait
        attempts = max(alert.attempts for alert in due.alerts)
        retry_at = utc_now() + min(_FIRST_RETRY * 2 ** min(attempts, 10), _LAST_RETRY)
        reason = f"{type(error).__name__}: {error}"
        with session_scope(open_engine()) as session:
            note_failed_announcement(session, _ids(due.alerts), reason, retry_at)


def _send_events(
    alerts: Sequence[Alert],
    event_of: Callable[[Alert], Event],
    note: Callable[[Session, Sequence[UUID], datetime], None],
) -> None:
    # Not through Prefect's queue of events, which does not say whether they arrived.
    with get_client(sync_client=True) as client:
        for start in range(0, len(alerts), _EVENTS_AT_ONCE):
            some = alerts[start : start + _EVENTS_AT_ONCE]
            events = [event_of(alert).model_dump(mode="json") for alert in some]
            client.request("POST", "/events", json=events).raise_for_status()
            with session_scope(open_engine()) as session:
                note(session, _ids(some), utc_now())


def _notify(due: DueAlerts) -> None:
    """Send one notification of all alerts that nobody wants to wait with, and settle the others."""
    stream, now = due.stream, utc_now()
    asked = stream.notify_block is not None
    waiting = [alert for alert in due.alerts if asked and alert.notified_at is None]
    snoozes = {alert.id: _snoozed_until(alert, due) for alert in waiting}
    urgent = [alert for alert in waiting if snoozes[alert.id] is None]
    with session_scope(open_engine()) as session:
        settle_alerts(session, _ids([one for one in due.alerts if one not in waiting]))
        for alert_id, until in snoozes.items():
            if until is not None:
                put_off_alerts(session, [alert_id], until)
        if urgent and stream.notified_at and _is_recent(stream.notified_at, now):
            put_off_alerts(session, _ids(urgent), stream.notified_at + _NOTIFICATION_GAP)
            return
    if urgent:
        _send_notification(stream, urgent)
        with session_scope(open_engine()) as session:
            note_notification(session, stream.id, _ids(urgent), utc_now())
            settle_alerts(session, _ids(urgent))


def _is_recent(notified_at: datetime, now: datetime) -> bool:
    return now - _NOTIFICATION_GAP < notified_at <= now  # later: a clock was set back since


def _snoozed_until(alert: Alert, due: DueAlerts) -> datetime | None:
    if alert.incident is not None:
        return due.snoozed_until.get(alert.incident)
    return alert.snoozed_until if alert.state_at(utc_now()) is AlertState.SNOOZED else None


def _send_notification(stream: Stream, alerts: Sequence[Alert]) -> None:
    block = _load_block(str(stream.notify_block))
    subject, body = notification(stream, alerts)
    with block.raise_on_failure():
        # Synchronous where no event loop runs, as on this thread.
        block.notify(body, subject)  # type: ignore[unused-coroutine]


def _load_block(name: str) -> NotificationBlock:
    try:
        block = Block.load(name)
    except ValueError as error:
        raise NotificationBlockError(
            f"there is no block {name!r}: create it in the Prefect UI under Blocks; expected "
            "<type>/<name>, such as slack-webhook/operations"
        ) from error
    if not isinstance(block, NotificationBlock):
        raise NotificationBlockError(
            f"block {name!r} is no notification block: choose one of Prefect's, such as "
            "slack-webhook, custom-webhook or email"
        )
    return block


def _ids(alerts: Sequence[Alert]) -> list[UUID]:
    return [alert.id for alert in alerts]
