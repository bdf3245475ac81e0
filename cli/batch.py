"""``vigil batch``: run the flow here and now."""

from typing import Annotated, Any

import typer

from cli.batch_run import RanBatch, run_batch
from cli.database import database
from cli.group import EXIT_INTERRUPTED, EXIT_PARTIAL, CommandError
from cli.options import (
    Algorithm,
    AlgorithmSettings,
    AsJson,
    Columns,
    ExplainTop,
    Missing,
    SampleSize,
    Seed,
    Threshold,
    Verbose,
)
from cli.output import print_plain

_RESULTS = 20
_NOT_OF_THE_BATCH = ("resume", "source_reports", "explain", "verbose", "as_json")


def batch(
    context: typer.Context,
    sources: Annotated[
        list[str] | None,
        typer.Argument(metavar="SOURCE...", help="Names of sources; all of them by default."),
    ] = None,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", "-t", metavar="TAG", help="And those with it.")
    ] = None,
    algorithm: Algorithm = "isolation_forest",
    settings: AlgorithmSettings = None,
    column: Columns = None,
    threshold: Threshold = "false_alarm:0.01",
    sample_size: SampleSize = None,
    missing: Missing = "impute",
    seed: Seed = 0,
    name: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What to call this batch.")
    ] = None,
    max_workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=256,
            metavar="NUMBER",
            help="Sources worked on at the same time; VIGIL_MAX_WORKERS by default.",
        ),
    ] = None,
    source_timeout: Annotated[
        float,
        typer.Option(min=0, metavar="SECONDS", help="Give a source up after so long; 0 for never."),
    ] = 3600,
    source_reports: Annotated[
        int,
        typer.Option(min=0, max=1000, metavar="NUMBER", help="Sources with a report of their own."),
    ] = 20,
    resume: Annotated[
        str | None, typer.Option(metavar="ID", help="Run what is missing of an earlier batch.")
    ] = None,
    explain: ExplainTop = 0,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Find the anomalous rows of many sources, and keep them.

    Runs the flow batch in this process; its report is in the Prefect UI. A source that fails stops
    none of the others. Ctrl-C cancels, and keeps what is finished.
    """
    from cli.choices import read_detector, read_threshold
    from models.queries.batches import get_batch
    from models.queries.selection import select_sources

    parameters: dict[str, Any] = {
        "source_reports": source_reports,
        "explain_top": explain,
    }
    if resume is not None:
        _refuse_other_options(context)
        with database() as session:
            parameters["resume"] = get_batch(session, resume).id
    else:
        parameters |= {
            "sources": sources or None,
            "tags": tag or None,
            "detector": read_detector(algorithm, settings or ()),
            "columns": column or None,
            "sample_size": sample_size,
            "threshold": read_threshold(threshold),
            "missing": missing,
            "seed": seed,
            "name": name,
            "max_workers": max_workers,
            "source_timeout": source_timeout or None,
        }
        with database() as session:
            select_sources(session, sources or None, tag or None)  # Prefect need not start for this
    _end(run_batch(parameters, verbose=verbose), as_json=as_json)


def _refuse_other_options(context: typer.Context) -> None:
    for parameter in context.command.params:
        source = context.get_parameter_source(str(parameter.name))
        given = source is not None and source.name == "COMMANDLINE"
        if given and parameter.name not in _NOT_OF_THE_BATCH:
            option = parameter.opts[0] if parameter.param_type_name == "option" else "SOURCE"
            raise CommandError(
                f"--resume runs what is missing of a batch, as it was asked for: leave out {option}"
            )


def _end(ran: RanBatch, *, as_json: bool) -> None:
    """Print a batch that has ended, and end with the exit code that fits."""
    from cli.batch_view import load_batch_view, title
    from models.status import Status

    with database() as session:
        view = load_batch_view(session, ran.batch.id, _RESULTS)
    view.print(as_json=as_json)
    status = view.batch.status
    if status is Status.ERROR:
        print_plain(f"vigil: {title(view.batch)}: not one source succeeded", err=True)
    elif status is Status.CANCELLED:
        print_plain(f"vigil: {title(view.batch)} was cancelled before all was done", err=True)
    code = {Status.SUCCESS: 0, Status.PARTIAL: EXIT_PARTIAL}.get(status, 1)
    raise typer.Exit(EXIT_INTERRUPTED if ran.interrupted else code)
