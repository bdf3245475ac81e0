"""``vigil stream``: run the flow here, for as long as it is wanted."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.database import database
from cli.group import EXIT_INTERRUPTED, EXIT_PARTIAL, complain
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

    Waits for streams that a killed run holds until their leases have run out. Ends with 1 if none
    of the streams named could be run, with 3 if some could not.

    Runs the flow stream in this process; its report is in the Prefect UI. Ctrl-C lets the streams
    go: whoever takes them next goes on from where they are.
    """
    from cli.durations import duration_option
    from cli.stream_run import run_streams
    from models.queries.streams import select_streams

    seconds = duration_option(duration, "--for")
    with database() as session:  # a misspelt name need not wait for Prefect
        if names or tag:
            select_streams(session, names, tag)
    parameters = {
        "streams": names or None,
        "tags": tag or None,
        "run_for": seconds,
        "max_streams": max_streams,
    }
    ran = run_streams(parameters, verbose=verbose)
    if as_json:
        print_json(ran)
    else:
        _print(ran)
    failed = sum(each.status == "error" for each in ran.streams)
    if ran.interrupted:
        raise typer.Exit(EXIT_INTERRUPTED)
    if failed or ran.not_run:
        raise typer.Exit(1 if failed == len(ran.streams) else EXIT_PARTIAL)


def _print(ran: "StreamRunShape") -> None:
    from cli.stream_shapes import describe_lag

    out = console()
    for name, reason in ran.not_run.items():
        complain(f"stream {name} {reason}")
    if not ran.streams and ran.not_run:
        return
    if not ran.streams:
        listed = command_line("streams", "list")
        out.print(
            f"No stream is free to be polled: {listed} shows which there are, and their status."
        )
        return
    numbers = ("points", "alerts")
    table = make_table("stream", "status", *numbers, "lag", "last error", right=numbers)
    for stream in ran.streams:
        table.add_row(
            stream.name,
            stream.status,
            number(stream.points),
            number(stream.alerts),
            describe_lag(stream) or NOTHING,
            stream.error_message or NOTHING,
        )
    out.print(table)
    if any(stream.alerts for stream in ran.streams):
        out.print(f"\nTheir alerts: {command_line('alerts', 'list')}", soft_wrap=True)
