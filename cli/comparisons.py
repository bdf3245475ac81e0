"""``vigil comparisons``: where detectors agree, and where they do not."""

from typing import Annotated

import typer

from cli.database import database
from cli.home import command_line
from cli.options import AsJson, LevelName, Limit, Offset, OnlyStatus, RunId, Yes
from cli.output import confirm, console, make_table, moment, print_footer, print_json, short_id

app = typer.Typer(no_args_is_help=True, help="Read where detectors agree.")


@app.command("list")
def list_(
    source: Annotated[
        str | None, typer.Option("--source", "-s", metavar="SOURCE", help="Only of this one.")
    ] = None,
    status: OnlyStatus = None,
    offset: Offset = 0,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """List comparisons, the latest first."""
    from cli.comparison_shapes import ComparisonShape
    from cli.shapes import page_of
    from models.queries.comparisons import list_comparisons
    from models.queries.sources import get_source
    from models.status import Status
    from reports.numbers import number

    with database() as session:
        page = list_comparisons(
            session,
            source_id=None if source is None else get_source(session, source).id,
            status=None if status is None else Status(status),
            offset=offset,
            limit=limit,
        )
    if as_json:
        print_json(page_of(ComparisonShape, page))
        return
    if not page.total:
        console().print(f"No such comparison yet: start one with {command_line('compare')} SOURCE.")
        return
    numbers = ("rows", "flagged", "by all")
    columns = ("id", "source", "status", *numbers, "detectors", "created (UTC)")
    table = make_table(*columns, right=numbers)
    for comparison in page.items:
        table.add_row(
            short_id(comparison.id),
            comparison.source_name,
            comparison.status,
            number(comparison.scored_rows),
            number(comparison.flagged_rows),
            number(comparison.flagged_by_all),
            ", ".join(comparison.labels),
            moment(comparison.created_at),
        )
    console().print(table)
    print_footer(page, "comparison")


@app.command()
def show(
    comparison_id: RunId,
    records: Annotated[int, typer.Option(min=1, max=1000, help="Flagged rows to show.")] = 10,
    offset: Annotated[int, typer.Option(min=0, help="Skip this many flagged rows.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Show a comparison: its detectors, where they agree, and the strongest rows."""
    from cli.comparison_view import print_comparison
    from models.queries.comparisons import get_comparison

    with database() as session:
        found = get_comparison(session, comparison_id).id
    print_comparison(found, records, offset, as_json=as_json)


@app.command()
def records(
    comparison_id: RunId,
    level: Annotated[
        LevelName | None, typer.Option(help="Only rows that so many of the detectors flag.")
    ] = None,
    min_count: Annotated[
        int, typer.Option(min=1, metavar="DETECTORS", help="Only rows that so many flag, or more.")
    ] = 1,
    offset: Offset = 0,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """List the rows that detectors flag, those agreed on most first."""
    from cli.comparison_shapes import AgreementRecordShape
    from cli.comparison_tables import print_records
    from cli.comparison_view import load_columns
    from cli.shapes import page_of
    from models.agreement_level import AgreementLevel
    from models.queries.comparisons import (
        get_comparison,
        list_agreement_records,
        list_comparison_results,
    )

    with database() as session:
        comparison = get_comparison(session, comparison_id)
        page = list_agreement_records(
            session,
            comparison.id,
            level=None if level is None else AgreementLevel(level),
            min_count=min_count,
            offset=offset,
            limit=limit,
        )
        columns = load_columns(session, list_comparison_results(session, comparison))
    if as_json:
        print_json(page_of(AgreementRecordShape, page))
        return
    words = ["records", short_id(comparison.id)]
    words += ["--level", level] if level else []
    words += ["--min-count", str(min_count)] if min_count > 1 else []
    print_records(console(), page, columns, (*words, "--limit", str(limit)))


@app.command()
def delete(comparison_id: RunId, yes: Yes = False, as_json: AsJson = False) -> None:
    """Delete a comparison, with its detections and flagged rows."""
    from cli.comparison_shapes import DeletedComparisonShape
    from models.queries.comparisons import (
        delete_comparison,
        get_comparison,
        list_comparison_results,
    )
    from reports.numbers import counted

    with database() as session:
        comparison = get_comparison(session, comparison_id)
        n_detections = len(list_comparison_results(session, comparison))
    n_records = comparison.flagged_rows or 0
    lost = (
        f"comparison {comparison.id} of {comparison.source_name} with its "
        f"{counted(n_detections, 'detection')} and {counted(n_records, 'flagged row')}"
    )
    confirm(f"Delete {lost}?", yes=yes)
    with database(writes=True) as session:
        delete_comparison(session, comparison.id)
    if as_json:
        print_json(
            DeletedComparisonShape(
                id=comparison.id,
                source_name=comparison.source_name,
                detection_count=n_detections,
                record_count=n_records,
            )
        )
    else:
        console().print(f"Deleted {lost}.")
