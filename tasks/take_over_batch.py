"""Go on with the batch of a flow run that died, on whichever worker."""

from time import monotonic, sleep
from uuid import UUID

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from models.errors import BatchAliveError, NothingToResumeError
from models.queries.batch_holder import take_over_batch as take_over
from models.queries.batches import find_batch_of_flow_run
from models.session import session_scope
from models.status import UNFINISHED
from settings import get_settings
from tasks.create_batch import BatchWork, current_flow_run
from tasks.database import open_engine, utc_now
from tasks.stale_runs import end_stale, is_dead, life_check

_LOOK_SECONDS = 1.0


@task(cache_policy=NO_CACHE)
def take_over_batch(died: UUID) -> BatchWork | None:
    """Take up the batch of a flow run that died where it was left.

    What Prefect takes for dead may only be cut off from its server. So this waits until the batch
    has given no sign of life for as long as the settings allow, which a live one does not do.

    Args:
        died: the flow run.

    Returns:
        What is left of its batch; None if there is nothing to take over.

    Raises:
        BatchStuckError: it was resumed before, and nothing succeeded since.
    """
    alive_until = monotonic() + get_settings().stale_after_seconds + 2 * _LOOK_SECONDS
    while _is_alive(died) and monotonic() < alive_until:
        sleep(_LOOK_SECONDS)
    end_stale()
    try:
        return _take_over(died)
    except (BatchAliveError, NothingToResumeError) as error:
        get_run_logger().info("%s", error)
        return None


def _is_alive(flow_run_id: UUID) -> bool:
    with session_scope(open_engine(), writes=False) as session:
        batch = find_batch_of_flow_run(session, flow_run_id)
        return batch is not None and batch.status in UNFINISHED and not is_dead(session, batch)


def _take_over(died: UUID) -> BatchWork:
    with session_scope(open_engine()) as session:
        batch, detections = take_over(
            session,
            died,
            utc_now(),
            check=life_check(session),
            flow_run_id=current_flow_run(),
        )
        return BatchWork.begun(session, batch, detections)
