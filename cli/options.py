"""Options that several commands share."""

from typing import Annotated, Literal

import typer

SourceName = Annotated[str, typer.Argument(metavar="SOURCE", help="Name of a source.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Force = Annotated[bool, typer.Option("--force", help="End also what gave a sign of life.")]
Offset = Annotated[int, typer.Option(min=0, help="Skip this many.")]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="Show at most this many.")]
Anomalies = Annotated[int, typer.Option(min=1, max=1000, help="Anomalies to show.")]

# As in models.status, models.agreement_level and detectors.features, which would load half a
# second of libraries.
StatusName = Literal["pending", "running", "success", "partial", "error", "cancelled"]
MissingName = Literal["impute", "drop_rows", "error"]
LevelName = Literal["all", "majority", "some", "one"]

# What the flows detect, batch and compare all take.
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        "-c",
        metavar="COLUMN",
        help="Watch it; by default those of the source, else every numeric one.",
    ),
]
Threshold = Annotated[
    str,
    typer.Option(metavar="POLICY", help="false_alarm:RATE, contamination:SHARE or fixed:SCORE."),
]
SampleSize = Annotated[
    int | None, typer.Option(min=2, metavar="ROWS", help="Fit on so many; all are scored.")
]
Missing = Annotated[
    MissingName, typer.Option(help="What to do with rows in which a value is missing.")
]
Seed = Annotated[
    int, typer.Option(min=0, max=2**32 - 1, help="The same seed gives the same result.")
]
ExplainTop = Annotated[
    int,
    typer.Option(
        "--explain", min=0, max=1000, metavar="ROWS", help="Explain so many strongest anomalies."
    ),
]
Verbose = Annotated[bool, typer.Option("--verbose", help="Show Prefect's log on stderr.")]

Algorithm = Annotated[
    str, typer.Option("--algorithm", "-a", metavar="NAME", help="See vigil algorithms.")
]
AlgorithmSettings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="A parameter of the algorithm."),
]

RunId = Annotated[
    str,
    typer.Argument(metavar="ID", help="Its id, or the first digits of it."),
]
DetectionId = Annotated[
    str,
    typer.Argument(metavar="DETECTION", help="Id of a detection, or the first digits of it."),
]
MaxFeatures = Annotated[
    int,
    typer.Option(min=1, max=1000, metavar="NUMBER", help="Show so many features of each row."),
]
OnlyStatus = Annotated[StatusName | None, typer.Option("--status", help="Only with this status.")]
