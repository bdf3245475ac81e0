"""``vigil batches cancel``: end what is not wanted."""

from cli.database import database
from cli.home import command_line
from cli.options import AsJson, Force, RunId
from cli.output import console, print_json, short_id


def cancel(batch_id: RunId, force: Force = False, as_json: AsJson = False) -> None:
    """Cancel a batch: what is finished stays, the rest is not done.

    The flow run that works on it is asked, and hears it within seconds; where it has died, or with
    --force, the batch is ended at once.
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
        at_once = force or is_dead(batch)
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
        alone = "" if force else ", on which nobody worked any more"
        text = f"Cancelled {title(batch)}{alone}. Not finished: {left}."
    else:
        watch = command_line("batches", "show", short_id(batch.id), "--watch")
        text = (
            f"Asked the flow run that works on {title(batch)} to cancel it. Not finished: {left}. "
            f"See it end: {watch}"
        )
    console().print(text, soft_wrap=True)
