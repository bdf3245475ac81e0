"""Alerts as commands show them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from rich.table import Table
from sqlmodel import Session

from cli.alert_shapes import AlertShape
from cli.alert_words import describe_alert, describe_row, describe_state
from cli.home import command_line
from cli.output import console, make_facts, make_table, moment, print_footer, print_json, short_id
from cli.shapes import PageShape
from models.paging import Page
from models.queries.stream_progress import streams_by_id
from models.tables.alert import Alert
from models.tables.stream import Stream
from reports.numbers import NOTHING, number, span


def print_alerts(
    session: Session, page: Page[Alert], now: datetime, words: Sequence[str], *, as_json: bool
) -> None:
    """Print a page of alerts, and how to see more.

    Args:
        session: where their streams are kept.
        page: of alerts.
        now: a snooze that is over by then counts as open.
        words: of the command that shows them.
        as_json: whether for programs.
    """
    streams = streams_by_id(session, {alert.stream_id for alert in page.items})
    if as_json:
        items = [AlertShape.of(alert, streams[alert.stream_id], now) for alert in page.items]
        print_json(
            PageShape[AlertShape](
                items=items, offset=page.offset, limit=page.limit, total=page.total
            )
        )
        return
    if not page.total:
        console().print("No such alert.")
        return
    several = words[0] == "alerts"
    console().print(alert_table(page.items, streams if several else {}, now))
    print_footer(page, "alert", more=command_line(*words, "--offset"))


def alert_table(alerts: Sequence[Alert], streams: Mapping[UUID, Stream], now: datetime) -> Table:
    """Return a line an alert; with the name of its stream where ``streams`` are given."""
    named = ["stream"] if streams else []
    heads = [
        "id",
        *named,
        "when (UTC)",
        "kind",
        "row",
        "score",
        "incident",
        "state",
        "what was odd",
    ]
    table = make_table(*heads, right=("score", "incident"))
    for alert in alerts:
        table.add_row(
            short_id(alert.id),
            *([streams[alert.stream_id].name] if streams else []),
            moment(alert.timestamp or alert.created_at),
            alert.kind,
            describe_row(alert),
            number(alert.score),
            number(alert.incident),
            describe_state(alert, now),
            describe_alert(alert),
        )
    return table


def print_alert(alert: Alert, stream: Stream, now: datetime) -> None:
    """Print one alert with all its columns, for people."""
    out = console()
    out.print(f"{stream.name}: {describe_alert(alert)}", style="bold")
    out.print()
    out.print(make_facts((label, value) for label, value in _facts(alert, stream, now) if value))
    if not alert.columns:
        return
    out.print()
    table = make_table("column", "value", "expected", "score", "", right=("value", "score"))
    for name, held in alert.columns.items():
        table.add_row(
            name,
            number(held["value"]),
            span((held["low"], held["high"])),
            number(held["score"]),
            "drove the alert" if held["driving"] else "",
        )
    out.print(table)


def _facts(alert: Alert, stream: Stream, now: datetime) -> Iterator[tuple[str, str | None]]:
    yield "alert", str(alert.id)
    incident = "" if alert.incident is None else f", incident {alert.incident:,}"
    yield "kind", alert.kind
    yield "row", f"{describe_row(alert)} of {stream.name}{incident}"
    yield "when", _moment(alert.timestamp)
    if alert.score is not None:
        above = f"above {number(alert.threshold)} ({stream.algorithm})"
        yield "score", f"{number(alert.score)}, {above}"
    yield "state", describe_state(alert, now)
    yield "note", alert.note
    yield "raised", _moment(alert.created_at)
    yield "acknowledged", _moment(alert.acknowledged_at)
    yield "snoozed until", _moment(alert.snoozed_until)
    yield "resolved", _moment(alert.resolved_at)
    yield "event sent", _moment(alert.event_at) or "not yet"
    if stream.notify_block is not None:
        yield "notification", _moment(alert.notified_at) or f"not yet, by {stream.notify_block}"
    if alert.announcing_error is not None:
        next_try = moment(alert.next_attempt_at) if alert.next_attempt_at else NOTHING
        yield "not announced", f"{alert.announcing_error}; next try at {next_try} UTC"


def _moment(at: datetime | None) -> str | None:
    return None if at is None else f"{moment(at)} UTC"
