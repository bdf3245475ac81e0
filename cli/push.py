"""``vigil push``: score points that are handed over."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from cli.database import database
from cli.group import CommandError
from cli.options import AsJson, Verbose
from cli.output import console, print_json
from cli.prefect_session import prefect_session, prepare_prefect
from cli.progress import Progress
from cli.push_points import GivenPoint, check_points, point_of_options, read_point_lines
from reports.numbers import counted

if TYPE_CHECKING:
    from tasks.streams.push_points import Point, PushResult

_POINTS_AT_ONCE = 1000  # the most that the flow takes


def push(
    name: Annotated[str, typer.Argument(metavar="STREAM", help="Name of a stream.")],
    value: Annotated[
        list[str] | None,
        typer.Option("--value", metavar="COLUMN=NUMBER", help="One point, column by column."),
    ] = None,
    key: Annotated[str | None, typer.Option(metavar="TEXT", help="Identity of that point.")] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Many points, a JSON object a line; - for what is piped in."
        ),
    ] = None,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Score points in a stream, and show the alerts they raise.

    Runs the flow push in this process, once for every thousand points. A line is an object of
    numbers by column, or has them under "values" beside "timestamp" and "key". A point whose key is
    known is not scored again, so that it is safe to push a file twice.
    """
    from models.queries.streams import get_stream

    given = _read_points(value or (), key, file)
    with database() as session:
        get_stream(session, name)  # a misspelt name need not wait for Prefect
    prepare_prefect(verbose=verbose)
    points = check_points(given)
    with Progress() as progress, prefect_session(progress, verbose=verbose, steps=False):
        progress.say("loading the detectors")
        from flows.push import push as flow

        # What Prefect returns of a flow that ends in a state is the result of that.
        results = [cast("PushResult", flow(name, part)) for part in _parts(points, progress)]
    _print_pushed(name, results, as_json=as_json)


def _read_points(values: Sequence[str], key: str | None, file: Path | None) -> list[GivenPoint]:
    if bool(values) == (file is not None):
        raise CommandError("expected either --value COLUMN=NUMBER, for one point, or --file FILE")
    if file is None:
        return [point_of_options(values, key)]
    if key is not None:
        raise CommandError("--key is of the point of --value: points of a file bring their own")
    given = read_point_lines(file)
    if not given:
        raise CommandError(f"{file}: there is no point in it")
    return given


def _parts(points: "Sequence[Point]", progress: Progress) -> "Iterator[list[Point]]":
    for start in range(0, len(points), _POINTS_AT_ONCE):
        progress.measure(start, len(points), f"{start:,} of {counted(len(points), 'point')}")
        yield list(points[start : start + _POINTS_AT_ONCE])


def _print_pushed(name: str, results: "Sequence[PushResult]", *, as_json: bool) -> None:
    from cli.alert_shapes import AlertShape
    from cli.alert_view import alert_table
    from cli.stream_shapes import PushedShape
    from models.queries.alerts import get_alert
    from models.queries.streams import get_stream
    from tasks.database import utc_now

    now, scored = utc_now(), sum(result.scored for result in results)
    known = sum(result.known for result in results)
    skipped = sum(result.skipped for result in results)
    ids = dict.fromkeys(alert.id for result in results for alert in result.alerts)
    with database() as session:
        stream = get_stream(session, name)
        alerts = [get_alert(session, alert_id) for alert_id in ids]
    if as_json:
        print_json(
            PushedShape(
                stream_id=stream.id,
                stream_name=stream.name,
                scored_points=scored,
                skipped_points=skipped,
                known_points=known,
                alerts=[AlertShape.of(alert, stream, now) for alert in alerts],
            )
        )
        return
    out = console()
    again = f", {skipped:,} skipped without a value" if skipped else ""
    again += f", {known:,} known before" if known else ""
    out.print(
        f"{stream.name}: {counted(scored, 'point')} scored{again}, {counted(len(alerts), 'alert')}"
    )
    if alerts:
        out.print(alert_table(alerts, {}, now))
