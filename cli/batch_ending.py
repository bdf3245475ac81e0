"""``vigil batches cancel`` and ``repair``: end what is not wanted, and what nobody works on."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cli.database import database, load_settings
from cli.home import command_line
from cli.options import AsJson, RunId
from cli.output import console, make_table, print_json, short_id

if TYPE_CHECKING:
    from cli.batch_shapes import EndedRunShape
    from models.queries.orphans import EndedOrphans


def cancel(batch_id: RunId, as_json: AsJson = False) -> None:
    """Cancel a batch: what is finished stays, the rest is not done.

    The flow run that works on it is asked, and hears it within seconds; where it has died, the
    batch is ended at once.
    """
    from cli.batch_follower import is_dead
    from cli.batch_shapes import CancelledBatchShape
    from cli.batch_view import title
    from models.queries.batch_life import cancel_batch, request_cancel
    from models.queries.batch_progress import batch_progress
    from models.queries.batches import get_batch
    from reports.numbers import counted
    from tasks.database import utc_now

    with database(writes=True) as session:
        batch = get_batch(session, batch_id)
        at_once = is_dead(batch)
        progress = batch_progress(session, batch.id)
        request_cancel(session, batch.id, utc_now())
        if at_once:
            cancel_batch(session, batch.id, utc_now())
    unfinished = progress.total - progress.finished
    if as_json:
        print_json(
            CancelledBatchShape(
                id=batch.id,
                status=batch.status,
                cancelled_at_once=at_once,
                unfinished_sources=unfinished,
            )
        )
        return
    left = counted(unfinished, "source")
    if at_once:
        text = f"Cancelled {title(batch)}, on which nobody worked any more. Not finished: {left}."
    else:
        watch = command_line("batches", "show", short_id(batch.id), "--watch")
        text = (
            f"Asked the flow run that works on {title(batch)} to cancel it. Not finished: {left}. "
            f"See it end: {watch}"
        )
    console().print(text, soft_wrap=True)


def repair(as_json: AsJson = False) -> None:
    """End what nobody works on any more, with the reason.

    Batches that gave no sign of life for VIGIL_STALE_AFTER_SECONDS; comparisons and detections of
    their own, which give none, after a day. Every run of the flow batch does so first.
    """
    from cli.batch_shapes import RepairedShape
    from tasks.stale_runs import end_stale

    ended = list(_ended(end_stale()))
    if as_json:
        print_json(RepairedShape(ended=ended))
        return
    if not ended:
        seconds = load_settings().stale_after_seconds
        sign = f"every unfinished batch gave a sign of life within {seconds:g} s"
        console().print(f"Nothing to end: {sign}.")
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


def _ended(orphans: "EndedOrphans") -> "Iterator[EndedRunShape]":
    from cli.batch_shapes import EndedRunShape
    from cli.batch_view import title

    detections = orphans.detections
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
    for one in detections:
        if one.batch_id is None and one.comparison_id is None:
            yield EndedRunShape(
                kind="detection",
                id=one.id,
                name=one.source_name,
                status=one.status,
                unfinished_detections=1,
                error_message=one.error_message,
            )
