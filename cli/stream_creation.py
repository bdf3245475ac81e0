"""``vigil streams create``: a stream in the words of the command line."""

from typing import Annotated, Any

import typer

from cli.database import database
from cli.home import command_line
from cli.options import AlgorithmSettings, AsJson, Columns, Seed
from cli.output import console
from cli.prefect_session import prepare_prefect
from cli.stream_options import (
    Backfill,
    CheckColumns,
    Cooldown,
    LearnAnomalies,
    MinConsecutive,
    OnlineAlgorithm,
    ResolveAfter,
    ScoreThreshold,
    Silence,
    TimeColumn,
    WatchMissing,
    WatchStuck,
    Window,
)


def create(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Lowercase letters, digits and dashes.")
    ],
    source: Annotated[
        str | None,
        typer.Option("--source", "-s", metavar="SOURCE", help="Poll it; else rows are pushed."),
    ] = None,
    algorithm: OnlineAlgorithm = "value_gap",
    settings: AlgorithmSettings = None,
    window: Window = None,
    column: Columns = None,
    threshold: ScoreThreshold = None,
    every: Annotated[
        str | None, typer.Option(metavar="DURATION", help="From one poll to the next. [10s]")
    ] = None,
    time_column: TimeColumn = None,
    backfill: Backfill = 0,
    lag: Annotated[
        str | None,
        typer.Option(
            metavar="DURATION",
            help="How far back rows may come in late, by the cursor column. [0s]",
        ),
    ] = None,
    min_consecutive: MinConsecutive = 1,
    cooldown: Cooldown = "0s",
    resolve_after: ResolveAfter = 100,
    learn_anomalies: LearnAnomalies = True,
    missing: WatchMissing = True,
    stuck: WatchStuck = True,
    silence: Silence = None,
    notify: Annotated[
        str | None,
        typer.Option(metavar="TYPE/NAME", help="Prefect notification block to tell of alerts."),
    ] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", "-t", metavar="TAG", help="A word to find it by."),
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
    seed: Seed = 0,
    check: CheckColumns = True,
    as_json: AsJson = False,
) -> None:
    """Create a stream: an online detector over the rows that a source gets.

    The next run of the flow stream begins with it. A duration is 10s, 5m, 1h or 2d.
    """
    from cli.choices import read_online_detector
    from cli.stream_columns import check_columns
    from cli.stream_definition import find_source_id, parse_stream_definition
    from cli.stream_view import load_stream_view
    from models.queries.streams import create_stream
    from tasks.database import utc_now

    fields: dict[str, Any] = {
        "name": name,
        "source": source,
        "detector": read_online_detector(algorithm, settings or (), window),
        "columns": column or None,
        "threshold": threshold,
        "backfill": backfill,
        "tags": tag or (),
        "time_column": time_column,
        "min_consecutive": min_consecutive,
        "cooldown": cooldown,
        "resolve_after": resolve_after,
        "learn_anomalies": learn_anomalies,
        "missing": missing,
        "stuck": stuck,
        "notify": notify,
        "keep_points": keep_points,
        "max_failures": max_failures,
        "seed": seed,
    }
    polling = {"every": every, "lag": lag, "page_limit": page_limit, "silence": silence}
    fields |= {option: value for option, value in polling.items() if value is not None}
    definition = parse_stream_definition(fields)
    prepare_prefect()  # a secret of the source may be in one of its blocks
    note = check_columns(definition) if check else None
    with database(writes=True) as session:
        now = utc_now()
        source_id = find_source_id(session, definition)
        stream = create_stream(session, definition.stored(source_id), now)
        view = load_stream_view(session, stream, 1, now)
    if note:
        console(stderr=True).print(f"Note: {note}", soft_wrap=True)
    if as_json:
        view.print(as_json=True)
        return
    begin = command_line("push", name) if source is None else command_line("stream", name)
    console().print(f"Created {name}. Begin now: {begin}", soft_wrap=True)
