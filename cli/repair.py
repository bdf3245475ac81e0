"""``vigil repair``: end the runs that nobody works on any more."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from cli.database import load_settings
from cli.options import AsJson, Force
from cli.output import console, make_table, print_json, short_id

if TYPE_CHECKING:
    from uuid import UUID

    from cli.batch_shapes import EndedRunShape
    from models.queries.orphans import EndedOrphans

DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say what would be ended, and end nothing.")
]


def repair(dry_run: DryRun = False, force: Force = False, as_json: AsJson = False) -> None:
    """End the runs of every kind that nobody works on any more, with the reason.

    Those whose process is gone, or that gave no sign of life for VIGIL_STALE_AFTER_SECONDS; streams
    that they held are free. Every flow run does so first. With --force, end also what gave a sign
    of life: when you know that nobody works on anything.
    """
    from cli.batch_shapes import RepairedShape
    from tasks.stale_runs import end_stale

    seconds = load_settings().stale_after_seconds
    orphans = end_stale(force=force, dry_run=dry_run)
    ended = list(_ended(orphans))
    if not dry_run:
        _tell_prefect([run.flow_run_id for run in orphans.flow_runs])
    if as_json:
        print_json(RepairedShape(dry_run=dry_run, ended=ended))
        return
    if not ended:
        sign = f"every unfinished run gave a sign of life within {seconds:g} s"
        console().print(f"Nothing to end: {sign}." if not force else "Nothing to end.")
        return
    table = make_table("kind", "id", "name", "status", "unfinished", "why", right=("unfinished",))
    for run in ended:
        table.add_row(
            run.kind,
            short_id(run.id),
            run.name,
            run.status,
            str(run.unfinished_detections),
            run.error_message,
        )
    console().print(table)
    if dry_run:
        console().print("Nothing was ended: this was a dry run.")


def _tell_prefect(flow_run_ids: "list[UUID]") -> None:
    if not flow_run_ids:
        return
    from cli.prefect_session import prefect_session
    from cli.progress import Progress

    with Progress() as progress, prefect_session(progress):
        from tasks.orphaned_flow_runs import mark_crashed

        problem = mark_crashed(flow_run_ids)
        if problem is not None:
            progress.note(f"Prefect could not be told which flow runs have died: {problem}")


def _ended(orphans: "EndedOrphans") -> "Iterator[EndedRunShape]":
    from cli.batch_shapes import EndedRunShape
    from cli.batch_view import title
    from models.status import Status

    detections = orphans.detections
    alone = [one for one in detections if one.batch_id is None and one.comparison_id is None]
    for batch in orphans.batches:
        yield EndedRunShape(
            kind="batch",
            id=batch.id,
            name=title(batch),
            status=batch.status,
            unfinished_detections=sum(one.batch_id == batch.id for one in detections),
            error_message=batch.error_message,
        )
    for comparison in orphans.comparisons:
        yield EndedRunShape(
            kind="comparison",
            id=comparison.id,
            name=comparison.source_name,
            status=comparison.status,
            unfinished_detections=sum(one.comparison_id == comparison.id for one in detections),
            error_message=comparison.error_message,
        )
    for one in alone:
        yield EndedRunShape(
            kind="detection",
            id=one.id,
            name=one.source_name,
            status=one.status,
            unfinished_detections=1,
            error_message=one.error_message,
        )
    named = {run.flow_run_id for run in (*orphans.batches, *orphans.comparisons, *alone)}
    for run in orphans.flow_runs:
        if run.flow_run_id not in named:  # those above are told with their results
            yield EndedRunShape(
                kind=run.flow,
                id=run.flow_run_id,
                name=run.name,
                status=Status.ERROR,
                unfinished_detections=0,
                error_message=f"no sign of life since {run.beat_at:%Y-%m-%d %H:%M} UTC: its "
                "process died; run it again",
            )
    for stream in orphans.streams:
        yield EndedRunShape(
            kind="lease",
            id=stream.id,
            name=stream.name,
            status=Status.CANCELLED,
            unfinished_detections=0,
            error_message="who polled this stream died: the next run of the flow stream takes it",
        )
