"""``vigil streams watch``: alerts as they are raised, and how the streams stand."""

from collections import deque
from time import monotonic, sleep
from typing import TYPE_CHECKING, Annotated

import typer

from cli.database import database
from cli.output import console, make_table, moment, print_json, print_plain
from reports.numbers import NOTHING, number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from rich.console import RenderableType
    from rich.table import Table
    from sqlmodel import Session

    from cli.alert_follower import AlertFollower
    from models.queries.stream_progress import StreamProgress
    from models.tables.alert import Alert
    from models.tables.stream import Stream

_SECONDS = 1.0
_STREAMS, _ALERTS = 15, 10


def watch(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Only this stream.", show_default=False)
    ] = None,
    duration: Annotated[
        str | None, typer.Option("--for", metavar="DURATION", help="End after so long.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document an alert, each on one line.")
    ] = False,
) -> None:
    """Show alerts as they are raised; Ctrl-C ends it.

    A terminal also shows how the streams stand; a pipe gets one line an alert.
    """
    from cli.alert_follower import AlertFollower
    from cli.durations import duration_option
    from models.queries.streams import get_stream
    from tasks.database import utc_now

    until = None if duration is None else monotonic() + duration_option(duration, "--for")
    with database() as session:
        stream_id = None if name is None else get_stream(session, name).id
        follower = AlertFollower(session, stream_id, utc_now())
    try:
        if console().is_terminal and not as_json:
            _show_live(follower, stream_id, until)
            return
        while _wait(until):
            with database() as session:
                _print_lines(session, follower.look(session), utc_now(), as_json=as_json)
    except KeyboardInterrupt:
        return  # the way to end it


def _wait(until: float | None) -> bool:
    """Wait for the next look, and say whether there is to be one."""
    if until is not None and monotonic() >= until:
        return False
    sleep(_SECONDS if until is None else min(_SECONDS, max(until - monotonic(), 0.0)))
    return True


def _print_lines(
    session: "Session", alerts: "Sequence[Alert]", now: "datetime", *, as_json: bool
) -> None:
    from cli.alert_shapes import AlertShape
    from cli.alert_words import alert_line
    from models.queries.stream_progress import streams_by_id

    streams = streams_by_id(session, {alert.stream_id for alert in alerts})
    for alert in alerts:
        stream = streams[alert.stream_id]
        if as_json:
            print_json(AlertShape.of(alert, stream, now), indent=None)
            continue
        print_plain(alert_line(alert, stream.name))


def _show_live(follower: "AlertFollower", stream_id: "UUID | None", until: float | None) -> None:
    from rich.live import Live

    from models.queries.alerts import AlertFilter, list_alerts
    from tasks.database import utc_now

    with database() as session:
        past = list_alerts(session, utc_now(), AlertFilter(stream_id=stream_id), limit=_ALERTS)
    latest: deque[Alert] = deque(past.items, maxlen=_ALERTS)
    with Live(console=console(), auto_refresh=False) as live:
        while True:
            with database() as session:
                latest.extendleft(follower.look(session))
                live.update(_picture(session, stream_id, list(latest)), refresh=True)
            if not _wait(until):
                return


def _picture(
    session: "Session", stream_id: "UUID | None", alerts: "list[Alert]"
) -> "RenderableType":
    from rich.console import Group
    from rich.text import Text

    from cli.alert_view import alert_table
    from models.queries.stream_progress import stream_progress, streams_by_id
    from models.queries.streams import get_stream, list_streams
    from reports.numbers import counted
    from tasks.database import utc_now

    now = utc_now()
    if stream_id is None:
        page = list_streams(session, limit=_STREAMS)
        streams, total = page.items, page.total
    else:
        streams, total = [get_stream(session, stream_id)], 1
    progress = stream_progress(session, [stream.id for stream in streams])
    parts: list[RenderableType] = [_stream_table(streams, progress, now)]
    if total > len(streams):
        parts.append(Text(f"and {counted(total - len(streams), 'more stream')}", style="dim"))
    if alerts:
        raised_by = streams_by_id(session, {alert.stream_id for alert in alerts})
        known = [alert for alert in alerts if alert.stream_id in raised_by]
        parts += [Text(), alert_table(known, raised_by, now)]
    parts += [Text(), Text(f"{moment(now)} UTC; Ctrl-C ends this", style="dim")]
    return Group(*parts)


def _stream_table(
    streams: "Sequence[Stream]", progress: "Mapping[UUID, StreamProgress]", now: "datetime"
) -> "Table":
    from cli.stream_shapes import describe_lag

    numbers = ("points", "alerts")
    table = make_table("stream", "status", *numbers, "lag", "last error", right=numbers)
    for stream in streams:
        so_far = progress.get(stream.id)
        warming = so_far is None or so_far.warm_up_left > 0
        table.add_row(
            stream.name,
            "warming up" if warming and stream.is_held(now) else stream.status,
            number(0 if so_far is None else so_far.rows_seen),
            number(0 if so_far is None else so_far.alerts),
            describe_lag(stream) or NOTHING,
            stream.error_message or NOTHING,
        )
    return table
