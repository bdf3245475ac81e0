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
    by_incident = [list(group) for _, group in groupby(alerts, key=lambda alert: alert.incident)]
    lines = [_line(group) for group in reversed(by_incident)]
    left = len(lines) - _INCIDENTS
    if left > 0:
        more = counted(left, "earlier incident")
        lines[_INCIDENTS:] = [f"and {more}: {code_span(command, 300)}"]
    return [bullets(lines)] if lines else []


def _line(alerts: Sequence[AlertFacts]) -> str:
    strongest = max(alerts, key=lambda alert: alert.score)
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
