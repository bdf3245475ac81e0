"""``vigil batches``: what became of many sources, and what is under way."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.batch_ending import cancel
from cli.database import database
from cli.group import CommandError
from cli.home import command_line
from cli.options import AsJson, Limit, Offset, OnlyStatus, RunId, Yes
from cli.output import (
    confirm,
    console,
    make_table,
    moment,
    print_footer,
    print_json,
    short_id,
)
from cli.progress import Progress
from cli.repair import repair

if TYPE_CHECKING:
    from models.status import Status

app = typer.Typer(no_args_is_help=True, help="Read what batches found, and end them.")
app.command()(cancel)
app.command()(repair)


@app.command("list")
def list_(
    status: OnlyStatus = None, offset: Offset = 0, limit: Limit = 20, as_json: AsJson = False
) -> None:
    """List batches, the latest first."""
    from cli.batch_shapes import BatchShape
    from cli.shapes import PageShape
    from models.queries.batch_progress import batches_progress
    from models.queries.batches import list_batches
    from reports.numbers import NOTHING, number

    with database() as session:
        page = list_batches(session, status=_status(status), offset=offset, limit=limit)
        progress = batches_progress(session, [batch.id for batch in page.items])
    if as_json:
        items = [BatchShape.of(batch, progress[batch.id]) for batch in page.items]
        print_json(PageShape(items=items, offset=offset, limit=limit, total=page.total))
        return
    if not page.total:
        console().print(f"No such batch yet: start one with {command_line('batch')}.")
        return
    numbers = ("sources", "done", "failed", "anomalies")
    table = make_table(
        "id", "name", "algorithm", "status", *numbers, "created (UTC)", right=numbers
    )
    for batch in page.items:
        found = progress[batch.id]
        table.add_row(
            short_id(batch.id),
            batch.name or NOTHING,
            batch.algorithm,
            batch.status,
            number(found.total),
            number(found.finished),
            number(found.error),
            number(found.total_anomalies),
            moment(batch.created_at),
        )
    console().print(table)
    print_footer(page, "batch", "batches")


@app.command()
def show(
    batch_id: RunId,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Follow it until its end.")] = False,
    results: Annotated[int, typer.Option(min=1, max=1000, help="Sources to show.")] = 20,
    offset: Annotated[int, typer.Option(min=0, help="Skip this many sources.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Show a batch with its sources, failed ones first, then the highest rates."""
    from cli.batch_follower import follow
    from cli.batch_view import load_batch_view
    from models.queries.batches import get_batch

    with database() as session:
        found = get_batch(session, batch_id).id
    if watch:
        with Progress() as progress:
            follow(found, progress)
    with database() as session:
        view = load_batch_view(session, found, results, offset)
    view.print(as_json=as_json)


@app.command()
def results(
    batch_id: RunId,
    status: OnlyStatus = None,
    offset: Offset = 0,
    limit: Limit = 100,
    as_json: AsJson = False,
) -> None:
    """List what became of each source of a batch, by name."""
    from cli.batch_shapes import BatchResultShape
    from cli.batch_view import print_results
    from cli.shapes import page_of
    from models.queries.batches import get_batch, list_batch_results

    with database() as session:
        batch = get_batch(session, batch_id)
        page = list_batch_results(
            session, batch.id, status=_status(status), offset=offset, limit=limit
        )
    if as_json:
        print_json(page_of(BatchResultShape, page))
    else:
        only = () if status is None else ("--status", status)
        print_results(console(), page, ("results", short_id(batch.id), *only), "--limit")


@app.command()
def delete(batch_id: RunId, yes: Yes = False, as_json: AsJson = False) -> None:
    """Delete a batch that has ended, with the detections of its sources."""
    from cli.batch_shapes import DeletedBatchShape
    from cli.batch_view import title
    from models.queries.batch_progress import batch_progress
    from models.queries.batches import delete_batch, get_batch
    from models.status import UNFINISHED
    from reports.numbers import counted

    with database() as session:
        batch = get_batch(session, batch_id)
        progress = batch_progress(session, batch.id)
    if batch.status in UNFINISHED:
        cancel_it = command_line("batches", "cancel", short_id(batch.id))
        raise CommandError(f"{title(batch)} is {batch.status}: cancel it first, with `{cancel_it}`")
    detections = counted(progress.total, "detection")
    anomalies = counted(progress.total_anomalies, "anomaly", "anomalies")
    lost = f"{title(batch)} with its {detections} and {anomalies}"
    confirm(f"Delete {lost}?", yes=yes)
    with database(writes=True) as session:
        delete_batch(session, batch.id)
    if as_json:
        print_json(
            DeletedBatchShape(
                id=batch.id,
                name=batch.name,
                detection_count=progress.total,
                anomaly_count=progress.total_anomalies,
            )
        )
    else:
        console().print(f"Deleted {lost}.")


def _status(name: str | None) -> "Status | None":
    from models.status import Status

    return None if name is None else Status(name)
