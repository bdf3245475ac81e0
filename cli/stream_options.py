"""Options that the commands of streams and alerts share."""

from typing import Annotated, Literal

import typer

StreamName = Annotated[
    str,
    typer.Argument(metavar="NAME", help="Name of a stream, its id, or the first digits of that."),
]

# As in models.stream_status, which would load half a second of libraries.
StreamStatusName = Literal["created", "running", "paused", "stopped", "error"]
StateName = Literal["open", "acknowledged", "snoozed", "resolved"]

OnlyState = Annotated[
    StateName | None, typer.Option("--state", help="Only in this state; a snooze over is open.")
]
OnlyIncident = Annotated[
    int | None, typer.Option("--incident", min=1, metavar="NUMBER", help="Only of this incident.")
]
Since = Annotated[
    str | None,
    typer.Option(
        "--since", metavar="TIME", help="Only of rows from then on: 2h ago, 2026-03-01T12:00."
    ),
]
Until = Annotated[
    str | None, typer.Option("--until", metavar="TIME", help="Only of rows before then.")
]
