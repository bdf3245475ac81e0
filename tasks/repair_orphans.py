"""End what a killed process left unfinished."""

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from tasks.stale_runs import end_stale


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
