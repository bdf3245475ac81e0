"""Remove what is older than you want to keep."""

from typing import Annotated

from prefect import flow
from pydantic import Field

from flows.parameters import Age
from reports.prune_report import PruneReport
from tasks.announce_prune import announce_prune
from tasks.prune_history import PruneRequest, prune_history
from tasks.publish_prune_report import publish_prune_report
from tasks.signs_of_life import signs_of_life


@flow
def prune(
    older_than: Age = "90d",
    keep_last: Annotated[int, Field(ge=0, le=1_000_000)] = 10,
    fitted_older_than: Age | None = None,
    dry_run: bool = True,
) -> PruneReport:
    """Remove old detections, batches, comparisons, points of streams and resolved alerts.

    Triggered by a schedule (weekly in ``prefect.yaml``), the form in the Prefect UI, the API, or
    ``vigil prune``. Reads and deletes in Vigil's database, a few thousand rows in each transaction;
    writes a report as the artifact ``prune-report``, and the event ``vigil.prune.completed``.
    Requires a migrated database.

    Never removes what is running or pinned, nor the checkpoint of a stream. A run that is
    interrupted has removed what it has removed; the next one goes on from there.

    Args:
        older_than: An age in days, weeks or years such as 90d, 12w or 2y. Detections go with all
            that is theirs; comparisons only whole; batches with the last of their detections.
        keep_last: So many detections of each source and algorithm stay whatever their age, those
            that succeeded and the others counted apart.
        fitted_older_than: An age from which on fitted detectors go though their detections stay;
            explaining these then takes the source, unchanged. When empty, they stay as long.
        dry_run: Only count what would be removed.

    Returns:
        Rows and bytes of each table, as the report has them.

    Raises:
        DatabaseError: the database cannot be used.
    """
    request = PruneRequest(older_than, keep_last, fitted_older_than, dry_run)
    with signs_of_life():
        report = publish_prune_report(request, prune_history(request))
        announce_prune(report)
        return report
