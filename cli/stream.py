"""``vigil stream``: run the flow here, for as long as it is wanted."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.database import database
from cli.group import EXIT_INTERRUPTED, EXIT_PARTIAL
from cli.home import command_line
from cli.options import AsJson, Verbose
from cli.output import console, make_table, print_json
from reports.numbers import NOTHING, number

if TYPE_CHECKING:
    from cli.stream_shapes import StreamRunShape


def stream(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME...", help="Names of streams; all of them by default."),
    ] = None,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", "-t", metavar="TAG", help="And those with it.")
    ] = None,
    duration: Annotated[
        str, typer.Option("--for", metavar="DURATION", help="Poll for so long: 90s, 10m, 8h.")
    ] = "1h",
    max_streams: Annotated[
        int, typer.Option(min=1, max=256, metavar="NUMBER", help="The most streams it takes.")
    ] = 50,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Poll streams that nobody polls, and show their alerts as they are raised.

    Runs the flow stream in this process; its report is in the Prefect UI. Ctrl-C lets the streams
    go: whoever takes them next goes on from where they are. Streams whose holder has died are
    waited for, a minute at most. A stream that was named and cannot be run makes the command fail.
    """
    from cli.durations import duration_option
    from cli.progress import Progress
    from cli.stream_run import run_streams
    from cli.stream_shapes import StreamRunShape
    from cli.stream_wait import any_can_run, streams_not_run, wait_until_free
    from models.queries.streams import list_stream_ids, select_streams

    seconds = duration_option(duration, "--for")
    with database() as session:  # a misspelt name need not wait for Prefect
        named = select_streams(session, names, None) if names else []
        chosen = select_streams(session, names, tag) if names or tag else []
        every = list_stream_ids(session)
    with Progress() as progress:
        wait_until_free(progress, chosen or every, all_of_them=bool(chosen))
    parameters = {
        "streams": names or None,
        "tags": tag or None,
        "run_for": seconds,
        "max_streams": max_streams,
    }
    ran = StreamRunShape(flow_run_id=None, interrupted=False, streams=[], not_run=[])
    if not named or any_can_run(chosen):
        ran = run_streams(parameters, verbose=verbose)
    if not ran.interrupted:
        not_run = streams_not_run(chosen, [stream.id for stream in ran.streams])
        ran = ran.model_copy(update={"not_run": not_run})
    if as_json:
        print_json(ran)
    else:
        _print(ran)
    if ran.interrupted:
        raise typer.Exit(EXIT_INTERRUPTED)
    failed = sum(each.status == "error" for each in ran.streams)
    if failed or any(each.id in named for each in ran.not_run):
        raise typer.Exit(1 if failed == len(ran.streams) else EXIT_PARTIAL)


def _print(ran: "StreamRunShape") -> None:
    from cli.stream_shapes import describe_lag

    out = console()
    for stream in ran.not_run:
        out.print(f"{stream.name} was not run: {stream.reason}", soft_wrap=True)
    if not ran.streams and ran.not_run:
        return
    if not ran.streams:
        listed = command_line("streams", "list")
        out.print(
            f"No stream is free to be polled: {listed} shows which there are, and their status."
        )
        return
    numbers = ("points", "skipped", "alerts")
    table = make_table("stream", "status", *numbers, "lag", "last error", right=numbers)
    for each in ran.streams:
        table.add_row(
            each.name,
            each.status,
            number(each.points),
            number(each.skipped_points),
            number(each.alerts),
            describe_lag(each) or NOTHING,
            each.error_message or NOTHING,
        )
    out.print(table)
    if any(stream.alerts for stream in ran.streams):
        out.print(f"\nTheir alerts: {command_line('alerts', 'list')}", soft_wrap=True)
