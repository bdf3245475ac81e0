"""``vigil streams``: what is watched row by row, and how that goes."""

from typing import Annotated

import typer

from cli.alerts import list_of_alerts
from cli.database import database
from cli.home import command_line
from cli.options import AsJson, Limit, Offset
from cli.output import console, make_table, moment, print_footer, print_json
from cli.stream_creation import create
from cli.stream_life import delete, pause, reset, resume, stop
from cli.stream_options import (
    OnlyIncident,
    OnlyKind,
    OnlyState,
    Since,
    StreamName,
    StreamStatusName,
    Until,
)
from cli.stream_watch import watch
from reports.numbers import NOTHING, number

app = typer.Typer(no_args_is_help=True, help="Watch sources row by row, and see how that goes.")
app.command()(create)


@app.command("list")
def list_(
    status: Annotated[
        StreamStatusName | None, typer.Option("--status", help="Only with this status.")
    ] = None,
    tag: Annotated[
        str | None, typer.Option("--tag", "-t", metavar="TAG", help="Only those with it.")
    ] = None,
    offset: Offset = 0,
    limit: Limit = 100,
    as_json: AsJson = False,
) -> None:
    """List streams, by name."""
    from cli.shapes import PageShape
    from cli.stream_shapes import StreamShape, describe_lag
    from models.queries.alerts import count_alerts
    from models.queries.sources import get_source_names
    from models.queries.stream_progress import stream_progress
    from models.queries.streams import list_streams
    from models.stream_status import StreamStatus
    from tasks.database import utc_now

    now = utc_now()
    wanted = None if status is None else StreamStatus(status)
    with database() as session:
        page = list_streams(session, status=wanted, tag=tag, offset=offset, limit=limit)
        ids = [stream.id for stream in page.items]
        progress, alerts = stream_progress(session, ids), count_alerts(session, ids, now)
        names = get_source_names(session, {s.source_id for s in page.items if s.source_id})
    shapes = [
        StreamShape.of(
            stream,
            None if stream.source_id is None else names[stream.source_id],
            progress.get(stream.id),
            alerts[stream.id],
            now,
        )
        for stream in page.items
    ]
    if as_json:
        print_json(PageShape(items=shapes, offset=offset, limit=limit, total=page.total))
        return
    if not page.total:
        create_one = command_line("streams", "create")
        console().print(f"No such stream yet: create one with {create_one} NAME --source SOURCE.")
        return
    numbers = ("points", "skipped", "alerts", "unresolved")
    heads = ("name", "source", "algorithm", "status", *numbers, "lag", "last error")
    table = make_table(*heads, right=numbers)
    for stream, shape in zip(page.items, shapes, strict=True):
        table.add_row(
            shape.name,
            shape.source_name or NOTHING,
            shape.algorithm,
            "warming up" if shape.held and shape.warming_up else shape.status,
            number(shape.total_points),
            number(shape.skipped_points),
            number(shape.total_alerts),
            number(shape.unresolved_alerts),
            describe_lag(stream) or NOTHING,
            shape.error_message or NOTHING,
        )
    console().print(table)
    print_footer(page, "stream")


@app.command()
def show(
    name: StreamName,
    alerts: Annotated[int, typer.Option(min=1, max=1000, help="Latest alerts to show.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Show where a stream stands, what its columns have held, and its latest alerts."""
    from cli.stream_view import load_stream_view
    from models.queries.streams import get_stream
    from tasks.database import utc_now

    with database() as session:
        view = load_stream_view(session, get_stream(session, name), alerts, utc_now())
    view.print(as_json=as_json)


@app.command()
def alerts(
    name: StreamName,
    kind: OnlyKind = None,
    state: OnlyState = None,
    incident: OnlyIncident = None,
    since: Since = None,
    until: Until = None,
    offset: Offset = 0,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """List the alerts of a stream, the latest first."""
    words = ("streams", "alerts", name)
    list_of_alerts(name, kind, state, incident, since, until, offset, limit, words, as_json=as_json)


@app.command()
def data(
    name: StreamName,
    anomalies: Annotated[
        bool, typer.Option("--anomalies", help="Only rows that are anomalies.")
    ] = False,
    offset: Offset = 0,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """List the recent rows of a stream with their scores, the latest first."""
    from cli.shapes import page_of
    from cli.stream_shapes import StreamPointShape
    from models.queries.points import list_points
    from models.queries.streams import get_stream
    from reports.sentences import short

    with database() as session:
        stream = get_stream(session, name)
        page = list_points(
            session, stream.id, flagged=True if anomalies else None, offset=offset, limit=limit
        )
    if as_json:
        print_json(page_of(StreamPointShape, page))
        return
    if not page.total:
        console().print(f"No such row of {stream.name} is kept.")
        return
    columns = list(page.items[0].values) if page.items else []
    table = make_table("row", "when (UTC)", "key", *columns, "score", "", right=("row", "score"))
    for point in page.items:
        table.add_row(
            f"{point.sequence:,}",
            moment(point.timestamp),
            point.row_key or NOTHING,
            *(short(point.values.get(column)) for column in columns),
            number(point.score),
            "anomaly" if point.flagged else "skipped" if point.score is None else "",
        )
    console().print(table)
    print_footer(page, "row")


app.command()(pause)
app.command()(resume)
app.command()(stop)
app.command()(reset)
app.command()(delete)
app.command()(watch)
