"""Show in the Prefect UI what pruning removed, or would remove."""

import shlex
from collections.abc import Sequence

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from reports.prune_report import PrunedTable, PruneReport, render_prune_report
from tasks.database import open_engine
from tasks.prune_history import PruneRequest


@task(cache_policy=NO_CACHE)
def publish_prune_report(request: PruneRequest, tables: Sequence[PrunedTable]) -> PruneReport:
    """Publish what was removed, or would be, as the artifact ``prune-report``."""
    report = PruneReport(
        older_than=request.older_than,
        keep_last=request.keep_last,
        fitted_older_than=request.fitted_older_than,
        dry_run=request.dry_run,
        tables=tables,
        where_room_goes=where_room_goes(),
        command=_command(request),
    )
    create_markdown_artifact(
        render_prune_report(report), key="prune-report", description=report.text
    )
    return report


def where_room_goes() -> str:
    """Say what becomes of the room of rows that are removed."""
    if open_engine().dialect.name == "postgresql":
        return "PostgreSQL uses the room again, after its next vacuum."
    return "SQLite uses the room again. `vigil db vacuum` gives it back to the disk."


def _command(request: PruneRequest) -> str:
    early = request.fitted_older_than
    words = ["vigil", "prune", "--older-than", request.older_than]
    words += ["--keep-last", str(request.keep_last)]
    words += [] if early is None else ["--fitted-older-than", early]
    return shlex.join([*words, "--no-dry-run"])
