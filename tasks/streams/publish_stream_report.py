"""Show a run of streams in the Prefect UI."""

from collections.abc import Sequence
from datetime import datetime

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run

from reports.stream_facts import StreamReport
from reports.stream_report import render_stream_report, stream_headline
from tasks.database import utc_now
from tasks.streams.stream_report_facts import reported_streams
from tasks.streams.stream_run import StreamRun
from tasks.versions import software_versions


@task(cache_policy=NO_CACHE)
def publish_stream_report(runs: Sequence[StreamRun], started: datetime) -> str:
    """Draw the report of a run that let its streams go, as the artifact ``stream-report``.

    Streams that were deleted meanwhile are left out.

    Args:
        runs: what became of each stream.
        started: when the streams were taken.

    Returns:
        Its headline.
    """
    report = StreamReport(
        flow_run_id=flow_run.id,
        started=started,
        seconds=(utc_now() - started).total_seconds(),
        streams=reported_streams(runs, started),
        ended="time was up",
        list_streams="vigil streams list",
        versions=software_versions(),
    )
    headline = stream_headline(report)
    create_markdown_artifact(render_stream_report(report), "stream-report", description=headline)
    return headline
