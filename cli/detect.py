"""``vigil detect``: run the flow here and now."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.database import database
from cli.home import command_line
from cli.options import AsJson, MissingName, SourceName
from cli.output import console
from cli.prefect_session import prefect_session
from cli.progress import Progress

if TYPE_CHECKING:
    from uuid import UUID

_ANOMALIES = 10


def detect(
    source: SourceName,
    algorithm: Annotated[
        str, typer.Option("--algorithm", "-a", metavar="NAME", help="See vigil algorithms.")
    ] = "isolation_forest",
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A parameter of the algorithm."),
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
        str,
        typer.Option(
            metavar="POLICY",
            help="false_alarm:RATE, contamination:SHARE or fixed:SCORE.",
        ),
    ] = "false_alarm:0.01",
    sample_size: Annotated[
        int | None, typer.Option(min=2, metavar="ROWS", help="Fit on so many; all are scored.")
    ] = None,
    missing: Annotated[
        MissingName, typer.Option(help="What to do with rows in which a value is missing.")
    ] = "impute",
    seed: Annotated[
        int, typer.Option(min=0, max=2**32 - 1, help="The same seed gives the same result.")
    ] = 0,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Show Prefect's log on stderr.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Find the anomalous rows of a source, and keep them.

    Runs the flow detect in this process; its report is in the Prefect UI. The detector is fitted
    on the rows of the source themselves, so no labels and no clean rows are needed.
    """
    from cli.choices import read_detector, read_threshold
    from models.queries.sources import get_source

    config = read_detector(algorithm, settings or ())
    policy = read_threshold(threshold)
    with database() as session:
        get_source(session, source)  # a misspelt name need not wait for Prefect
    with Progress() as progress, prefect_session(progress, verbose=verbose):
        progress.say("loading the detectors")
        from flows.detect import detect as flow

        detection_id = flow(
            source=source,
            detector=config,
            columns=column or None,
            sample_size=sample_size,
            threshold=policy,
            missing=missing,
            seed=seed,
        )
    _print_result(detection_id, as_json=as_json)


def _print_result(detection_id: "UUID", *, as_json: bool) -> None:
    from cli.detection_view import load_view
    from models.queries.detections import get_detection

    with database() as session:
        view = load_view(session, get_detection(session, detection_id), _ANOMALIES, 0)
    view.print(as_json=as_json)
    if as_json:
        return
    others = command_line("detections", "list", "--source", view.detection.source_name)
    console().print(f"\nAll detections of it: {others}", soft_wrap=True)
