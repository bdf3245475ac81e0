"""The JSON documents of alerts; docs/cli.md describes them. Names change only with notice."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from cli.shapes import Shape
from models.stream_status import AlertKind, AlertState
from models.tables.alert import Alert
from models.tables.stream import Stream


class AlertColumnShape(Shape):
    """One watched column of the row of an alert."""

    column: str
    value: float | None
    expected_low: float | None
    expected_high: float | None
    score: float | None
    driving: bool


class AlertShape(Shape):
    """An alert."""

    id: UUID
    stream_id: UUID
    stream_name: str
    kind: AlertKind
    column: str | None
    first_row: int | None
    algorithm: str
    sequence: int
    row_key: str | None
    timestamp: datetime | None
    data_point: dict[str, Any]
    anomaly_score: float | None
    threshold: float | None
    details: list[AlertColumnShape]
    incident: int | None
    state: AlertState
    snoozed_until: datetime | None
    acknowledged_at: datetime | None
    resolved_at: datetime | None
    feedback: bool | None
    note: str | None
    created_at: datetime
    event_at: datetime | None
    notified_at: datetime | None
    announcing_attempts: int
    announcing_error: str | None

    @classmethod
    def of(cls, alert: Alert, stream: Stream, now: datetime) -> Self:
        """Return an alert of a stream; a snooze that is over counts as open."""
        details = [
            AlertColumnShape(
                column=name,
                value=held["value"],
                expected_low=held["low"],
                expected_high=held["high"],
                score=held["score"],
                driving=held["driving"],
            )
            for name, held in alert.columns.items()
        ]
        return cls(
            id=alert.id,
            stream_id=stream.id,
            stream_name=stream.name,
            kind=alert.kind,
            column=alert.column,
            first_row=alert.first_row,
            algorithm=stream.algorithm,
            sequence=alert.sequence,
            row_key=alert.row_key,
            timestamp=alert.timestamp,
            data_point=alert.values,
            anomaly_score=alert.score,
            threshold=alert.threshold,
            details=details,
            incident=alert.incident,
            state=alert.state_at(now),
            snoozed_until=alert.snoozed_until,
            acknowledged_at=alert.acknowledged_at,
            resolved_at=alert.resolved_at,
            feedback=alert.feedback,
            note=alert.note,
            created_at=alert.created_at,
            event_at=alert.event_at,
            notified_at=alert.notified_at,
            announcing_attempts=alert.attempts,
            announcing_error=alert.announcing_error,
        )


class ChangedAlertsShape(Shape):
    """Alerts as they are after a person answered them."""

    alerts: list[AlertShape]
