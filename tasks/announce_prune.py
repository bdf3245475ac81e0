"""Tell Prefect, and whoever listens there, that history was pruned."""

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.events import emit_event

from reports.prune_report import PruneReport


@task(cache_policy=NO_CACHE)
def announce_prune(report: PruneReport) -> None:
    """Emit ``vigil.prune.completed`` with rows and bytes by table."""
    emit_event(
        event="vigil.prune.completed",
        resource={
            "prefect.resource.id": "vigil.history",
            "prefect.resource.name": "history",
            "vigil.prune.dry_run": str(report.dry_run).lower(),
        },
        payload={
            "dry_run": report.dry_run,
            "older_than": report.older_than,
            "keep_last": report.keep_last,
            "fitted_older_than": report.fitted_older_than,
            "rows": report.rows,
            "bytes": report.bytes,
            "tables": {one.name: {"rows": one.rows, "bytes": one.bytes} for one in report.tables},
        },
    )
