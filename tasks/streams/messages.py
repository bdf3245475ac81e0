"""Alerts in the words of events and of notifications."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from prefect.events import Event, RelatedResource, Resource

from models.stream_status import AlertKind, AlertState
from models.tables.alert import Alert
from models.tables.stream import Stream
from reports.sections.incidents import condition_words

RAISED = "vigil.alert.raised"
RESOLVED = "vigil.alert.resolved"
FAILED = "vigil.stream.failed"

_INCIDENTS_SHOWN = 5


def stream_resource(stream: Stream) -> dict[str, str]:
    """Return the resource that all events of a stream are about."""
    return {
        "prefect.resource.id": f"vigil.stream.{stream.name}",
        "prefect.resource.name": stream.name,
    }


def alert_event(stream: Stream, alert: Alert) -> Event:
    """Return the event of an alert: about the stream, so that one can subscribe to that.

    Its id is the alert's, so that a server that gets it twice keeps it once.
    """
    return _event(stream, alert, RAISED, alert.id, alert.created_at)


def resolved_event(stream: Stream, alert: Alert) -> Event:
    """Return the event that a condition is over; its id follows from the alert's."""
    return _event(
        stream, alert, RESOLVED, uuid5(alert.id, RESOLVED), alert.resolved_at or alert.created_at
    )


def is_over(alert: Alert) -> bool:
    """Whether an alert is of a condition that has ended."""
    return alert.kind is not AlertKind.ROW and alert.state is AlertState.RESOLVED


def _event(stream: Stream, alert: Alert, name: str, event_id: UUID, occurred: datetime) -> Event:
    return Event(
        id=event_id,
        occurred=occurred,
        event=name,
        resource=Resource(stream_resource(stream)),
        related=[
            RelatedResource(
                {
                    "prefect.resource.id": f"vigil.alert.{alert.id}",
                    "prefect.resource.role": "alert",
                }
            )
        ],
        payload={
            "alert_id": str(alert.id),
            "kind": alert.kind,
            "stream": stream.name,
            "column": alert.column,
            "first_row": alert.first_row,
            "sequence": alert.sequence,
            "row_key": alert.row_key,
            "timestamp": alert.timestamp and alert.timestamp.isoformat(),
            "incident": alert.incident,
            "score": alert.score,
            "threshold": alert.threshold,
            "values": alert.values,
            "columns": alert.columns,
        },
    )


def notification(stream: Stream, alerts: Sequence[Alert]) -> tuple[str, str]:
    """Return subject and body of one notification of several alerts of a stream."""
    incidents: dict[int, list[Alert]] = {}
    conditions = [alert for alert in alerts if alert.incident is None]
    for alert in alerts:
        if alert.incident is not None:
            incidents.setdefault(alert.incident, []).append(alert)
    lines = [_condition(alert) for alert in conditions]
    lines += [_incident(number, group) for number, group in incidents.items()]
    left = len(lines) - _INCIDENTS_SHOWN
    more = [f"and {left} more incidents"] if left > 0 else []
    command = f"vigil streams alerts {stream.name}"
    subject = f"{_count(len(alerts), 'alert')} in {stream.name}"
    return subject, "\n".join([*lines[:_INCIDENTS_SHOWN], *more, f"See them all: {command}"])


def _condition(alert: Alert) -> str:
    since = alert.timestamp or alert.created_at
    value = None if alert.column is None else alert.columns[alert.column]["value"]
    what = condition_words(alert.kind, alert.column, alert.first_row, value)
    return f"{what}; noticed at {since:%Y-%m-%d %H:%M:%S} UTC"


def _incident(number: int, alerts: Sequence[Alert]) -> str:
    first, strongest = alerts[0], max(alerts, key=lambda alert: alert.score or 0.0)
    since = first.timestamp or first.created_at
    place = f"row {strongest.sequence}" if strongest.row_key is None else strongest.row_key
    return (
        f"Incident {number}: {_count(len(alerts), 'alert')} since "
        f"{since:%Y-%m-%d %H:%M:%S} UTC; strongest at {place}, score "
        f"{_number(strongest.score)} above {_number(strongest.threshold)}: "
        f"{', '.join(_columns(strongest))}"
    )


def _columns(alert: Alert) -> list[str]:
    driving = {name: one for name, one in alert.columns.items() if one["driving"]}
    return [
        f"{name} is {_number(one['value'])}{_expected(one['low'], one['high'])}"
        for name, one in (driving or alert.columns).items()
    ]


def _expected(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f", expected {low:.6g} to {high:.6g}"


def _number(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float | int) else "missing"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
