"""Alerts in words, an incident a line."""

from collections.abc import Sequence
from itertools import groupby

from reports.markdown import bold, bullets, code_span, escape
from reports.numbers import NOTHING, counted, number, span
from reports.stream_facts import AlertedValue, AlertFacts

_INCIDENTS = 20
_VALUES = 3


def incident_lines(alerts: Sequence[AlertFacts], command: str) -> list[str]:
    """Return the incidents that alerts belong to, the latest first, as a list.

    Args:
        alerts: in the order of their rows.
        command: line that shows those that are left out.
    """
    of_rows = (alert for alert in alerts if alert.kind == "row")
    by_incident = [list(group) for _, group in groupby(of_rows, key=lambda alert: alert.incident)]
    lines = [_condition(alert) for alert in reversed(alerts) if alert.kind != "row"]
    lines += [_line(group) for group in reversed(by_incident)]
    left = len(lines) - _INCIDENTS
    if left > 0:
        more = counted(left, "earlier incident")
        lines[_INCIDENTS:] = [f"and {more}: {code_span(command, 300)}"]
    return [bullets(lines)] if lines else []


def condition_words(
    kind: str, column: str | None, first_row: int | None, value: float | None
) -> str:
    """Say what a condition is: mem has been empty since row 600."""
    if kind == "silence":
        return f"no row has come since row {first_row - 1:,}" if first_row else "no row has come"
    if kind == "missing":
        return f"{column} has been empty since row {first_row:,}"
    return f"{column} has been stuck at {number(value)} since row {first_row:,}"


def alert_condition(alert: AlertFacts) -> str:
    """Say what the condition of an alert is."""
    value = next((held.value for held in alert.values), None)
    return condition_words(alert.kind, alert.column, alert.first_row, value)


def _condition(alert: AlertFacts) -> str:
    state = f"; {escape(alert.state)}" if alert.state else ""
    return f"{bold(alert.kind.capitalize())}: {escape(alert_condition(alert))}{state}"


def _line(alerts: Sequence[AlertFacts]) -> str:
    strongest = max(alerts, key=lambda alert: alert.score or 0.0)
    several = len(alerts) > 1
    head = bold(f"Incident {alerts[0].incident:,}")
    raised = f"{counted(len(alerts), 'alert')}, " if several else ""
    at_its_worst = "at its worst " if several else ""
    state = f"; {escape(alerts[-1].state)}" if alerts[-1].state else ""
    return (
        f"{head}: {raised}{_when(alerts)}: {at_its_worst}{in_words(strongest.values)}, "
        f"score {number(strongest.score)}{state}"
    )


def _when(alerts: Sequence[AlertFacts]) -> str:
    first, last = alerts[0], alerts[-1]
    if first.time is None or last.time is None:
        rows = [f"row {each.row:,}" if each.key is None else each.key for each in (first, last)]
        return escape(rows[0] if first is last else " to ".join(rows), 100)
    begin = f"{first.time:%Y-%m-%d %H:%M}"
    if first is last:
        return escape(begin)
    same_day = first.time.date() == last.time.date()
    end = f"{last.time:%H:%M}" if same_day else f"{last.time:%Y-%m-%d %H:%M}"
    return escape(f"{begin} to {end}")


def in_words(values: Sequence[AlertedValue]) -> str:
    """Say which values drove an alert, and what was expected."""
    driving = [held for held in values if held.driving]
    if not driving:
        return "no single value, but their combination"
    words = [_value(held) for held in driving[:_VALUES]]
    more = len(driving) - _VALUES
    return "; ".join([*words, counted(more, "other column")] if more > 0 else words)


def _value(held: AlertedValue) -> str:
    expected = span((held.low, held.high), 3)
    where = "" if expected == NOTHING else f", where {escape(expected)} was expected"
    return f"{bold(held.column)} {escape(number(held.value))}{where}"
