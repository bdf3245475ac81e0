"""``vigil streams create``: a stream in the words of the command line."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.database import database
from cli.home import command_line
from cli.options import AlgorithmSettings, AsJson
from cli.output import console

if TYPE_CHECKING:
    from detectors.registry import OnlineConfig


def create(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Lowercase letters, digits and dashes.")
    ],
    source: Annotated[
        str | None,
        typer.Option("--source", "-s", metavar="SOURCE", help="Poll it; else rows are pushed."),
    ] = None,
    algorithm: Annotated[
        str,
        typer.Option("--algorithm", "-a", metavar="NAME", help="See vigil algorithms --online."),
    ] = "value_gap",
    settings: AlgorithmSettings = None,
    window: Annotated[
        int | None, typer.Option(metavar="ROWS", help="The same as --set window=ROWS.")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            "--column",
            "-c",
            metavar="COLUMN",
            help="Watch it; by default those of the source, else every numeric one.",
        ),
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(metavar="SCORE", help="Rows above are anomalies; vigil backtest tries some."),
    ] = None,
    every: Annotated[
        str | None, typer.Option(metavar="DURATION", help="From one poll to the next. [10s]")
    ] = None,
    backfill: Annotated[
        int, typer.Option(min=0, metavar="ROWS", help="Learn the first rows, without alerts.")
    ] = 0,
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", "-t", metavar="TAG", help="A word to find it by."),
    ] = None,
    time_column: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN", help="When a row happened; by default the source's cursor column."
        ),
    ] = None,
    lag: Annotated[
        str | None,
        typer.Option(metavar="DURATION", help="How far back rows may come in late. [0s]"),
    ] = None,
    min_consecutive: Annotated[
        int, typer.Option(min=1, metavar="ROWS", help="So many anomalies in a row are an alert.")
    ] = 1,
    cooldown: Annotated[
        str, typer.Option(metavar="DURATION", help="After an alert, no other one for so long.")
    ] = "0s",
    resolve_after: Annotated[
        int, typer.Option(min=1, metavar="ROWS", help="So many quiet rows end an incident.")
    ] = 100,
    learn_anomalies: Annotated[
        bool,
        typer.Option(
            "--learn-anomalies/--no-learn-anomalies", help="Whether anomalies are learnt too."
        ),
    ] = True,
    notify: Annotated[
        str | None,
        typer.Option(metavar="TYPE/NAME", help="Prefect notification block to tell of alerts."),
    ] = None,
    page_limit: Annotated[
        int | None, typer.Option(min=1, metavar="ROWS", help="The most rows of a poll. [10000]")
    ] = None,
    keep_points: Annotated[
        int, typer.Option(min=0, metavar="ROWS", help="Recent rows that are kept.")
    ] = 1000,
    max_failures: Annotated[
        int, typer.Option(min=1, metavar="NUMBER", help="Failures in a row until it is given up.")
    ] = 10,
    seed: Annotated[
        int, typer.Option(min=0, max=2**32 - 1, help="The same seed gives the same scores.")
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Create a stream: an online detector over the rows that a source gets.

    The next run of the flow stream begins with it. A duration is 10s, 5m, 1h or 2d.
    """
    from cli.stream_definition import find_source_id, parse_stream_definition
    from cli.stream_view import load_stream_view
    from models.queries.streams import create_stream
    from tasks.database import utc_now

    fields: dict[str, Any] = {
        "name": name,
        "source": source,
        "detector": _read_detector(algorithm, settings or [], window),
        "columns": column or None,
        "threshold": threshold,
        "backfill": backfill,
        "tags": tag or (),
        "time_column": time_column,
        "min_consecutive": min_consecutive,
        "cooldown": cooldown,
        "resolve_after": resolve_after,
        "learn_anomalies": learn_anomalies,
        "notify": notify,
        "keep_points": keep_points,
        "max_failures": max_failures,
        "seed": seed,
    }
    polling = {"every": every, "lag": lag, "page_limit": page_limit}
    fields |= {option: value for option, value in polling.items() if value is not None}
    definition = parse_stream_definition(fields)
    with database(writes=True) as session:
        now = utc_now()
        source_id = find_source_id(session, definition)
        stream = create_stream(session, definition.stored(source_id), now)
        view = load_stream_view(session, stream, 1, now)
    if as_json:
        view.print(as_json=True)
        return
    begin = command_line("push", name) if source is None else command_line("stream", name)
    console().print(f"Created {name}. Begin now: {begin}", soft_wrap=True)


def _read_detector(algorithm: str, settings: list[str], window: int | None) -> "OnlineConfig":
    from cli.choices import read_online_detector

    given = settings if window is None else [*settings, f"window={window}"]
    return read_online_detector(algorithm, given)
