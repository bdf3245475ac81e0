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

KindName = Literal["row", "missing", "stuck", "silence"]

OnlyKind = Annotated[KindName | None, typer.Option("--kind", help="Only of this kind.")]
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

WatchMissing = Annotated[
    bool, typer.Option("--missing/--no-missing", help="Whether a column that stays empty alerts.")
]
WatchStuck = Annotated[
    bool, typer.Option("--stuck/--no-stuck", help="Whether a column with a stuck value alerts.")
]
Silence = Annotated[
    str | None,
    typer.Option(
        metavar="DURATION",
        help="No row for so long alerts; off never does, auto goes by the pauses before. [auto]",
    ),
]

CheckColumns = Annotated[
    bool,
    typer.Option("--check/--no-check", help="Look for the named columns in the source's rows."),
]

# What streams create and backtest both take.
OnlineAlgorithm = Annotated[
    str, typer.Option("--algorithm", "-a", metavar="NAME", help="See vigil algorithms --online.")
]
Window = Annotated[int | None, typer.Option(metavar="ROWS", help="The same as --set window=ROWS.")]
ScoreThreshold = Annotated[
    float | None,
    typer.Option(
        min=0, metavar="SCORE", help="Rows above are anomalies; by default the algorithm's own."
    ),
]
TimeColumn = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN", help="When a row happened; by default the source's cursor column."
    ),
]
Backfill = Annotated[
    int, typer.Option(min=0, metavar="ROWS", help="Learn the first rows, without alerts.")
]
MinConsecutive = Annotated[
    int, typer.Option(min=1, metavar="ROWS", help="So many anomalies in a row make an alert.")
]
Cooldown = Annotated[
    str,
    typer.Option(
        metavar="DURATION", help="After an alert no other one for so long, by the rows' own time."
    ),
]
ResolveAfter = Annotated[
    int, typer.Option(min=1, metavar="ROWS", help="So many quiet rows end an incident.")
]
LearnAnomalies = Annotated[
    bool,
    typer.Option("--learn-anomalies/--no-learn-anomalies", help="Whether anomalies are learnt."),
]
