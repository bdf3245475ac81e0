"""``vigil compare``: run the flow here and now."""

from typing import Annotated, Any

import typer

from cli.database import database
from cli.group import EXIT_PARTIAL, CommandError
from cli.options import (
    AsJson,
    Columns,
    Missing,
    SampleSize,
    Seed,
    SourceName,
    Threshold,
    Verbose,
)
from cli.prefect_session import prefect_session
from cli.progress import Progress

_RECORDS = 10


def compare(
    source: SourceName,
    algorithm: Annotated[
        list[str] | None,
        typer.Option(
            "--algorithm",
            "-a",
            metavar="NAME[:PARAMETER=VALUE,...]",
            help="Two to twelve; the same one may come twice. By default isolation_forest, "
            "consensus and hbos.",
        ),
    ] = None,
    column: Columns = None,
    threshold: Threshold = "false_alarm:0.01",
    sample_size: SampleSize = None,
    missing: Missing = "impute",
    seed: Seed = 0,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Score a source with several detectors, and find the rows they agree on.

    Runs the flow compare in this process; its report is in the Prefect UI. All detectors see the
    same data and get the same threshold policy, so that their labels can be compared.
    """
    from cli.choices import read_detectors, read_threshold
    from models.queries.comparisons import get_comparison
    from models.queries.sources import get_source
    from models.status import Status

    parameters: dict[str, Any] = {
        "source": source,
        "columns": column or None,
        "sample_size": sample_size,
        "threshold": read_threshold(threshold),
        "missing": missing,
        "seed": seed,
    }
    if algorithm:
        parameters["detectors"] = read_detectors(algorithm)
    with database() as session:
        get_source(session, source)  # a misspelt name need not wait for Prefect
    with Progress() as progress, prefect_session(progress, verbose=verbose):
        progress.say("loading the detectors")
        from flows.compare import AllDetectorsFailedError
        from flows.compare import compare as flow
        from tasks.workers.choice import TaskRunnerError

        try:
            comparison_id = flow(**parameters)
        except (AllDetectorsFailedError, TaskRunnerError) as error:
            raise CommandError(str(error)) from error
    from cli.comparison_view import print_comparison

    print_comparison(comparison_id, _RECORDS, 0, as_json=as_json)
    with database() as session:
        if get_comparison(session, comparison_id).status is Status.PARTIAL:
            raise typer.Exit(EXIT_PARTIAL)
