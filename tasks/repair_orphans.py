"""End what a killed process left unfinished."""

from datetime import datetime, timedelta

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from models.queries.orphans import EndedOrphans
from models.queries.orphans import repair_orphans as end_orphans
from models.session import session_scope
from settings import get_settings
from tasks.database import open_engine, utc_now

# A lone detection has no heartbeat: one a day old is certainly not worked on.
_LONGEST_DETECTION = timedelta(days=1)


@task(cache_policy=NO_CACHE)
def repair_orphans() -> int:
    """End orphaned batches, comparisons and detections, and return how many."""
    ended = end_stale()
    count = len(ended.batches) + len(ended.comparisons) + len(ended.detections)
    if count:
        get_run_logger().warning(
            "ended %s batches, %s comparisons and %s detections of killed processes",
            len(ended.batches),
            len(ended.comparisons),
            len(ended.detections),
        )
    return count


def end_stale() -> EndedOrphans:
    """End what has given no sign of life for as long as the settings allow."""
    now = utc_now()
    with session_scope(open_engine()) as session:
        return end_orphans(
            session, last_sign_of_life(), now, started_before=now - _LONGEST_DETECTION
        )


def last_sign_of_life() -> datetime:
    """Return the time since which a live batch has given a sign of life."""
    return utc_now() - timedelta(seconds=get_settings().stale_after_seconds)
