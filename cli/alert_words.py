"""Alerts in tables and lines."""

from collections.abc import Mapping
from datetime import datetime

from cli.output import moment, short_id
from models.stream_status import AlertKind
from models.tables.alert import Alert, ColumnDetail
from reports.numbers import NOTHING, number, span
from reports.sections.incidents import condition_words

_MOST = 3


def describe_alert(alert: Alert) -> str:
    """Name the values that drove an alert, cpu 99.3 (expected 20 to 45), or its condition."""
    columns = alert.columns
    if alert.kind is not AlertKind.ROW:
        value = None if alert.column is None else columns[alert.column]["value"]
        return condition_words(alert.kind, alert.column, alert.first_row, value)
    driving = {name: held for name, held in columns.items() if held["driving"]}
    if driving:
        return _in_words(driving)
    parts = {name: held for name, held in columns.items() if held["score"]}
    return f"mostly {_in_words(parts)}" if parts else "no single value; their combination"


def alert_line(alert: Alert, stream_name: str) -> str:
    """Return an alert in one line, for those who follow as they are raised."""
    when = moment(alert.timestamp or alert.created_at)
    row = f"{describe_row(alert)}, incident {alert.incident}, score {number(alert.score)}"
    what = row if alert.kind is AlertKind.ROW else alert.kind
    return f"{when}  {stream_name}  {short_id(alert.id)}  {what}: {describe_alert(alert)}"


def describe_row(alert: Alert) -> str:
    """Return what a person knows the row of an alert by: its key, else its number."""
    return f"#{alert.sequence:,}" if alert.row_key is None else alert.row_key


def describe_state(alert: Alert, now: datetime) -> str:
    """Return the state of an alert, with what a person said of it."""
    said = {True: ", right", False: ", false alarm", None: ""}[alert.feedback]
    return f"{alert.state_at(now)}{said}"


def _in_words(columns: Mapping[str, ColumnDetail]) -> str:
    furthest = sorted(columns.items(), key=lambda item: -(item[1]["score"] or 0.0))
    words = [f"{name} {_value(held)}" for name, held in furthest[:_MOST]]
    more = len(furthest) - _MOST
    return ", ".join([*words, f"{more} more"] if more > 0 else words)


def _value(held: ColumnDetail) -> str:
    expected = span((held["low"], held["high"]), 3)
    value = number(held["value"])
    return value if expected == NOTHING else f"{value} (expected {expected})"
