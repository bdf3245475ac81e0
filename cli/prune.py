"""``vigil prune``: run the flow here and now."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.database import load_settings
from cli.group import CommandError
from cli.options import AsJson, Verbose, Yes
from cli.output import confirm, console, make_table, print_json
from cli.prefect_session import prefect_session
from cli.progress import Progress

if TYPE_CHECKING:
    from reports.prune_report import PruneReport

Age = Annotated[str, typer.Option(metavar="AGE", help="In days, weeks or years: 90d, 12w, 2y.")]


def prune(
    older_than: Age = "90d",
    keep_last: Annotated[
        int,
        typer.Option(
            min=0,
            max=1_000_000,
            metavar="NUMBER",
            help="Keep of each source and algorithm.",
        ),
    ] = 10,
    fitted_older_than: Annotated[
        str | None,
        typer.Option(metavar="AGE", help="Drop fitted detectors earlier than their detections."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run/--no-dry-run", help="Only count what would be removed.")
    ] = True,
    yes: Yes = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Remove old detections, batches, comparisons, points of streams and resolved alerts.

    Runs the flow prune in this process; its report is in the Prefect UI. Without --no-dry-run it
    only counts. What is running or pinned stays, and the checkpoints of streams.
    """
    load_settings()
    from reports.numbers import counted
    from tasks.prune_history import PruneRequest, count_history

    request = PruneRequest(older_than, keep_last, fitted_older_than, dry_run)
    try:
        retention = request.retention()
    except ValueError as error:
        raise CommandError(str(error)) from None
    if not dry_run and not yes:
        rows = count_history(retention)
        what = f"{counted(rows['detection'], 'detection')} and {counted(rows.total(), 'row')}"
        confirm(f"Remove {what} in all?", yes=yes)
    with Progress() as progress, prefect_session(progress, verbose=verbose):
        progress.say("looking for what is old")
        from flows.prune import prune as flow

        report = flow(older_than, keep_last, fitted_older_than, dry_run)
    _print(report, as_json=as_json)


def _print(report: "PruneReport", *, as_json: bool) -> None:
    from cli.history_shapes import PrunedShape
    from reports.numbers import size

    if as_json:
        print_json(PrunedShape.model_validate(report))
        return
    out = console()
    if report.tables:
        table = make_table("table", "rows", "about", right=("rows", "about"))
        for one in report.tables:
            table.add_row(one.name, f"{one.rows:,}", size(one.bytes))
        out.print(table)
        out.print()
    out.print(f"{report.text[0].upper()}{report.text[1:]}.")
    if report.dry_run and report.rows:
        out.print(f"Remove it: {report.command}", soft_wrap=True)
    elif report.rows:
        out.print(report.where_room_goes)
