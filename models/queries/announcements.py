"""Alerts that somebody has still to be told of.

An alert is due while ``next_attempt_at`` has passed. Claiming it puts that off, so that of several
processes one announces it, and another one does if that dies before it has settled the claim.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, func, select

from models.stream_status import AlertState
from models.tables.alert import Alert
from models.tables.stream import Stream


@dataclass(frozen=True)
class DueAlerts:
    """Alerts of one stream that are due.

    Attributes:
        stream: the stream.
        alerts: in the order of their rows.
        snoozed_until: by incident among these, until when a person wants no notification of it; a
            condition, which belongs to none, is put off by its own snooze.
    """

    stream: Stream
    alerts: list[Alert]
    snoozed_until: dict[int, datetime]


def claim_due_alerts(
    session: Session, now: datetime, put_off_to: datetime, limit: int
) -> list[DueAlerts]:
    """Return alerts that are due, the oldest first, and put them off for everybody else."""
    alerts = session.exec(
        select(Alert)
        .where(col(Alert.next_attempt_at) <= now)
        .order_by(col(Alert.next_attempt_at), col(Alert.sequence))
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    by_stream: dict[UUID, list[Alert]] = {}
    for alert in sorted(alerts, key=lambda alert: alert.sequence):
        alert.next_attempt_at = put_off_to
        by_stream.setdefault(alert.stream_id, []).append(alert)
    session.flush()
    return [
        DueAlerts(session.get_one(Stream, stream_id), due, _snoozes(session, stream_id, now))
        for stream_id, due in by_stream.items()
    ]


def bring_forward(session: Session, now: datetime, latest: datetime) -> None:
    """Make due what is due later than any retry is: a clock was set back since.

    What a person snoozed is put off again when it is claimed.
    """
    statement = update(Alert).where(col(Alert.next_attempt_at) > latest)
    session.execute(statement.values(next_attempt_at=now))


def next_due_at(session: Session) -> datetime | None:
    """Return when the next alert is due; None if all are announced."""
    return session.exec(select(func.min(Alert.next_attempt_at))).one()


def note_events(session: Session, alert_ids: Sequence[UUID], now: datetime) -> None:
    """Note that Prefect's server has the events of these alerts."""
    _change(session, alert_ids, event_at=now)


def note_resolved_events(session: Session, alert_ids: Sequence[UUID], now: datetime) -> None:
    """Note that Prefect's server has the events that these conditions are over."""
    _change(session, alert_ids, resolved_event_at=now)


def note_notification(
    session: Session, stream_id: UUID, alert_ids: Sequence[UUID], now: datetime
) -> None:
    """Note that a notification which names these alerts of a stream was sent."""
    _change(session, alert_ids, notified_at=now)
    session.execute(update(Stream).where(col(Stream.id) == stream_id).values(notified_at=now))


def settle_alerts(session: Session, alert_ids: Sequence[UUID]) -> None:
    """Note that these alerts are announced in every way asked for."""
    _change(session, alert_ids, next_attempt_at=None, announcing_error=None)


def put_off_alerts(session: Session, alert_ids: Sequence[UUID], until: datetime) -> None:
    """Announce these alerts later, though nothing failed."""
    _change(session, alert_ids, next_attempt_at=until)


def note_failed_announcement(
    session: Session, alert_ids: Sequence[UUID], error: str, retry_at: datetime
) -> None:
    """Count a try that failed, and say why."""
    session.execute(
        update(Alert)
        .where(col(Alert.id).in_(alert_ids))
        .values(attempts=Alert.attempts + 1, announcing_error=error, next_attempt_at=retry_at)
    )


def _change(session: Session, alert_ids: Sequence[UUID], **values: datetime | str | None) -> None:
    session.execute(update(Alert).where(col(Alert.id).in_(alert_ids)).values(**values))


def _snoozes(session: Session, stream_id: UUID, now: datetime) -> dict[int, datetime]:
    statement = select(Alert.incident, Alert.snoozed_until).where(
        Alert.stream_id == stream_id,
        col(Alert.incident).is_not(None),
        Alert.state == AlertState.SNOOZED,
        col(Alert.snoozed_until) > now,
    )
    latest: dict[int, datetime] = {}
    for incident, until in session.exec(statement):
        if incident is not None and until is not None:
            latest[incident] = max(until, latest.get(incident, until))
    return latest
