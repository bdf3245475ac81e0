"""Options that several commands share."""

from typing import Annotated, Literal

import typer

SourceName = Annotated[str, typer.Argument(metavar="SOURCE", help="Name of a source.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Offset = Annotated[int, typer.Option(min=0, help="Skip this many.")]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="Show at most this many.")]
Anomalies = Annotated[int, typer.Option(min=1, max=1000, help="Anomalies to show.")]

# As in models.status and detectors.features, which would load half a second of libraries.
StatusName = Literal["pending", "running", "success", "partial", "error", "cancelled"]
MissingName = Literal["impute", "drop_rows", "error"]
