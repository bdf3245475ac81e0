"""Finding alerts, and what people do about them."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, not_, or_
from sqlmodel import Session, col, select

from models.errors import AlertStateError
from models.paging import Page, fetch_page
from models.queries.kinds import ALERT
from models.queries.records import find_record
from models.stream_status import AlertKind, AlertState
from models.tables.alert import Alert, row_deduplication_key


@dataclass(frozen=True)
class AlertFilter:
    """Which alerts to list; what is None does not matter.

    Attributes:
        stream_id: of this stream.
        kind: of this kind.
        state: in this state; a snooze that is over counts as open.
        incident: of this incident of their stream.
        since: whose row happened then or later; one without a time counts from its alert.
        until: whose row happened before.
    """

    stream_id: UUID | None = None
    kind: AlertKind | None = None
    state: AlertState | None = None
    incident: int | None = None
    since: datetime | None = None
    until: datetime | None = None


ALL_ALERTS = AlertFilter()


def get_alert(session: Session, alert_id: UUID | str) -> Alert:
    """Return an alert by its id, or by the first digits of it if they fit no other.

    Raises:
        UnknownAlertError: none fits, or the text cannot be the start of an id.
        AmbiguousIdError: several fit.
    """
    return find_record(session, ALERT, alert_id)


def list_alerts(
    session: Session,
    now: datetime,
    matching: AlertFilter = ALL_ALERTS,
    *,
    offset: int = 0,
    limit: int = 20,
) -> Page[Alert]:
    """Return alerts, the latest first: by the time they were raised, then by their row."""
    happened = func.coalesce(Alert.timestamp, Alert.created_at)
    conditions: list[ColumnElement[bool]] = []
    if matching.stream_id is not None:
        conditions.append(col(Alert.stream_id) == matching.stream_id)
    if matching.kind is not None:
        conditions.append(col(Alert.kind) == matching.kind)
    if matching.state is not None:
        conditions.append(_is_in(matching.state, now))
    if matching.incident is not None:
        conditions.append(col(Alert.incident) == matching.incident)
    if matching.since is not None:
        conditions.append(happened >= matching.since)
    if matching.until is not None:
        conditions.append(happened < matching.until)
    latest_first = (col(Alert.created_at).desc(), col(Alert.sequence).desc(), col(Alert.id).desc())
    return fetch_page(session, Alert, conditions, latest_first, offset, limit)


def list_alerts_raised(
    session: Session, since: datetime, stream_id: UUID | None = None
) -> list[Alert]:
    """Return alerts raised at ``since`` or later, of one stream or of all, in their order."""
    statement = select(Alert).where(col(Alert.created_at) >= since)
    if stream_id is not None:
        statement = statement.where(col(Alert.stream_id) == stream_id)
    in_order = (col(Alert.created_at), col(Alert.stream_id), col(Alert.sequence))
    return list(session.exec(statement.order_by(*in_order)).all())


def find_alerts_by_key(session: Session, stream_id: UUID, keys: Collection[str]) -> list[Alert]:
    """Return the alerts raised by the rows of these keys, at most some hundred, in their order."""
    of_rows = col(Alert.deduplication_key).in_([row_deduplication_key(key) for key in keys])
    of_conditions = and_(col(Alert.kind) != AlertKind.ROW, col(Alert.row_key).in_(keys))
    statement = (
        select(Alert)
        .where(Alert.stream_id == stream_id, or_(of_rows, of_conditions))
        .order_by(col(Alert.sequence))
    )
    return list(session.exec(statement).all())


def count_alerts(
    session: Session, stream_ids: Collection[UUID], now: datetime
) -> dict[UUID, Counter[AlertState]]:
    """Return the number of alerts in each state, by stream; a snooze that is over is open."""
    counts: dict[UUID, Counter[AlertState]] = {one: Counter() for one in stream_ids}
    of_streams = col(Alert.stream_id).in_(stream_ids)
    key = (col(Alert.stream_id), col(Alert.state))
    for stream_id, state, number in session.execute(
        select(*key, func.count()).where(of_streams).group_by(*key)
    ):
        counts[stream_id][state] = number
    awake = select(Alert.stream_id, func.count()).where(of_streams, _is_awake(now))
    for stream_id, number in session.execute(awake.group_by(col(Alert.stream_id))):
        counts[stream_id][AlertState.OPEN] += number
        counts[stream_id][AlertState.SNOOZED] -= number
    return {stream_id: +found for stream_id, found in counts.items()}  # without those of none


def acknowledge_alert(session: Session, alert_id: UUID, now: datetime) -> Alert:
    """Note that a person knows of an alert.

    Raises:
        UnknownAlertError: there is none of this id.
        AlertStateError: it is resolved.
    """
    alert = _lock_unresolved(session, alert_id)
    alert.state = AlertState.ACKNOWLEDGED
    alert.acknowledged_at = now
    alert.snoozed_until = None
    session.flush()
    return alert


def snooze_alert(session: Session, alert_id: UUID, until: datetime, now: datetime) -> Alert:
    """Put an alert aside for a while; its incident sends no notification until then.

    Raises:
        UnknownAlertError: there is none of this id.
        AlertStateError: it is resolved, or ``until`` has passed.
    """
    if until <= now:
        passed = until.isoformat(timespec="seconds")
        raise AlertStateError(f"{passed} has passed: snooze for longer")
    alert = _lock_unresolved(session, alert_id)
    alert.state = AlertState.SNOOZED
    alert.snoozed_until = until
    session.flush()
    return alert


def resolve_alert(session: Session, alert_id: UUID, now: datetime) -> Alert:
    """Close an alert.

    Raises:
        UnknownAlertError: there is none of this id.
        AlertStateError: it is resolved already.
    """
    alert = _lock_unresolved(session, alert_id)
    alert.state = AlertState.RESOLVED
    alert.resolved_at = now
    alert.snoozed_until = None
    if alert.kind is not AlertKind.ROW:  # which is announced
        alert.next_attempt_at = now
    session.flush()
    return alert


def give_feedback(session: Session, alert_id: UUID, right: bool, note: str | None = None) -> Alert:
    """Keep with an alert, whatever its state, whether it was right.

    Raises:
        UnknownAlertError: there is none of this id.
    """
    alert = _lock(session, alert_id)
    alert.feedback = right
    alert.note = note
    session.flush()
    return alert


def _lock(session: Session, alert_id: UUID) -> Alert:
    alert = session.get(Alert, alert_id, with_for_update=True, populate_existing=True)
    if alert is None:
        raise ALERT.unknown(f"no alert has the id {alert_id}: its stream was reset or deleted")
    return alert


def _lock_unresolved(session: Session, alert_id: UUID) -> Alert:
    alert = _lock(session, alert_id)
    if alert.state is AlertState.RESOLVED:
        resolved_at = alert.resolved_at.isoformat(timespec="seconds") if alert.resolved_at else ""
        raise AlertStateError(f"alert {alert_id} was resolved at {resolved_at}: it stays so")
    return alert


def _is_in(state: AlertState, now: datetime) -> ColumnElement[bool]:
    """Return what ``Alert.state_at`` says, as a condition that an index answers."""
    stored = col(Alert.state) == state
    if state is AlertState.OPEN:
        return or_(stored, _is_awake(now))
    return and_(stored, not_(_is_awake(now))) if state is AlertState.SNOOZED else stored


def _is_awake(now: datetime) -> ColumnElement[bool]:
    return and_(col(Alert.state) == AlertState.SNOOZED, col(Alert.snoozed_until) <= now)
