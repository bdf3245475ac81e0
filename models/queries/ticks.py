"""What one tick of a stream brought, stored in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, insert, update
from sqlmodel import Session, col, select

from models.metadata import metadata
from models.queries.lease import Lease, LeaseView
from models.queries.polls import Poll, renew_lease
from models.stream_status import UNRESOLVED, AlertKind, AlertState
from models.tables.alert import Alert, AlertRow
from models.tables.checkpoint import Checkpoint, CheckpointState
from models.tables.stream_point import PointRow, StreamPoint
from models.tables.stream_statistic import ColumnRecord, StreamStatistic

_KEYS_AT_ONCE = 500


@dataclass(frozen=True)
class TickResult:
    """What a tick brought.

    Attributes:
        checkpoint: from where the stream goes on.
        alerts: that the rows raise; one whose row has raised one before is not stored again.
        resolved: incidents that the rows ended.
        ended: deduplication keys of alerts of conditions that are over.
        points: the last rows, at most as many as are kept.
        rows_scored: rows that had a score.
        first_kept: sequence of the oldest row that is kept.
        statistics: of every watched column, in their order.
    """

    checkpoint: CheckpointState
    alerts: Sequence[AlertRow]
    resolved: Sequence[int]
    ended: Sequence[str]
    points: Sequence[PointRow]
    rows_scored: int
    first_kept: int
    statistics: Sequence[ColumnRecord]


@dataclass(frozen=True)
class StoredTick:
    """What storing a tick did.

    Attributes:
        view: what its holder then sees of the stream.
        alerts: ids of the alerts that are new.
        rows_scored: rows that had a score.
    """

    view: LeaseView
    alerts: list[UUID]
    rows_scored: int


def store_tick(
    session: Session,
    lease: Lease,
    tick: TickResult,
    poll: Poll,
    expires_at: datetime,
    now: datetime,
) -> StoredTick:
    """Store a tick, if its lease is still held, and renew that.

    Raises:
        LeaseLostError: another one holds the stream, or nobody does; nothing is stored.
    """
    view = renew_lease(session, lease, expires_at, poll)
    alerts = _store_alerts(session, lease.stream_id, tick.alerts, now)
    _resolve(session, lease.stream_id, tick.resolved, now)
    end_conditions(session, lease.stream_id, tick.ended, now)
    _store_points(session, lease.stream_id, tick, now)
    _store_statistics(session, lease.stream_id, tick.statistics)
    _store_checkpoint(session, lease.stream_id, tick.checkpoint, len(alerts), now)
    return StoredTick(view, alerts, tick.rows_scored)


def move_cursor(session: Session, stream_id: UUID, cursor: str, now: datetime) -> None:
    """Store where a stream reads on after pages without rows."""
    session.execute(
        update(Checkpoint)
        .where(col(Checkpoint.stream_id) == stream_id)
        .values(cursor=cursor, updated_at=now)
    )


def store_silence(
    session: Session,
    stream_id: UUID,
    arrivals: dict[str, Any],
    alert: AlertRow | None,
    now: datetime,
) -> list[UUID]:
    """Store when polls brought rows, after one that brought none, and the alert that it raises.

    Returns:
        The id of the alert if it is new.
    """
    alerts = _store_alerts(session, stream_id, [] if alert is None else [alert], now)
    session.execute(
        update(Checkpoint)
        .where(col(Checkpoint.stream_id) == stream_id)
        .values(arrivals=arrivals, alerts=Checkpoint.alerts + len(alerts))
    )
    return alerts


def end_conditions(session: Session, stream_id: UUID, keys: Sequence[str], now: datetime) -> None:
    """Resolve the alerts of conditions that are over, and have that announced."""
    for start in range(0, len(keys), _KEYS_AT_ONCE):
        session.execute(
            update(Alert)
            .where(
                col(Alert.stream_id) == stream_id,
                col(Alert.deduplication_key).in_(keys[start : start + _KEYS_AT_ONCE]),
                col(Alert.kind) != AlertKind.ROW,
                col(Alert.state).in_(UNRESOLVED),
            )
            .values(
                state=AlertState.RESOLVED,
                resolved_at=now,
                snoozed_until=None,
                next_attempt_at=now,
            )
        )


def _store_alerts(
    session: Session, stream_id: UUID, alerts: Sequence[AlertRow], now: datetime
) -> list[UUID]:
    new: dict[str, AlertRow] = {}
    for alert in alerts:
        new.setdefault(alert.deduplication_key, alert)
    for key in _known_keys(session, stream_id, list(new)):
        del new[key]
    rows = [
        {
            "id": uuid4(),
            "stream_id": stream_id,
            "deduplication_key": key,
            "state": AlertState.OPEN,
            "created_at": now,
            "next_attempt_at": now,
            "attempts": 0,
            **vars(alert),
        }
        for key, alert in new.items()
    ]
    if rows:
        session.execute(insert(metadata.tables["alert"]), rows)
    return [row["id"] for row in rows]


def _resolve(session: Session, stream_id: UUID, incidents: Sequence[int], now: datetime) -> None:
    if incidents:
        session.execute(
            update(Alert)
            .where(
                col(Alert.stream_id) == stream_id,
                col(Alert.incident).in_(incidents),
                col(Alert.state).in_(UNRESOLVED),
            )
            .values(state=AlertState.RESOLVED, resolved_at=now)
        )


def _known_keys(session: Session, stream_id: UUID, keys: Sequence[str]) -> list[str]:
    known: list[str] = []
    for start in range(0, len(keys), _KEYS_AT_ONCE):  # databases bound the length of a statement
        known += session.exec(
            select(Alert.deduplication_key).where(
                Alert.stream_id == stream_id,
                col(Alert.deduplication_key).in_(keys[start : start + _KEYS_AT_ONCE]),
            )
        ).all()
    return known


def _store_points(session: Session, stream_id: UUID, tick: TickResult, now: datetime) -> None:
    session.execute(
        delete(StreamPoint).where(
            col(StreamPoint.stream_id) == stream_id, col(StreamPoint.sequence) < tick.first_kept
        )
    )
    if tick.points:
        owner = {"stream_id": stream_id, "stored_at": now}
        rows = [owner | vars(point) for point in tick.points]
        session.execute(insert(metadata.tables["stream_point"]), rows)


def _store_statistics(
    session: Session, stream_id: UUID, statistics: Sequence[ColumnRecord]
) -> None:
    session.execute(delete(StreamStatistic).where(col(StreamStatistic.stream_id) == stream_id))
    rows = [
        {"stream_id": stream_id, "position": position, **vars(column)}
        for position, column in enumerate(statistics)
    ]
    session.execute(insert(metadata.tables["stream_statistic"]), rows)


def _store_checkpoint(
    session: Session, stream_id: UUID, state: CheckpointState, new_alerts: int, now: datetime
) -> None:
    values: dict[str, Any] = vars(state) | {"updated_at": now}
    table = metadata.tables["checkpoint"]
    updated = session.execute(
        update(table)
        .where(table.c.stream_id == stream_id)
        .values(**values, alerts=table.c.alerts + new_alerts)
        .returning(table.c.stream_id)
    )
    if updated.one_or_none() is None:
        session.execute(insert(table).values(stream_id=stream_id, alerts=new_alerts, **values))
