"""The report of a ``stream`` run, as a person reads it in the Prefect UI."""

from reports.markdown import bold, bullets, code_span, escape, glue, table
from reports.numbers import counted, duration
from reports.sections.origin import command_block, pairs
from reports.sections.stream_details import stream_details
from reports.sections.stream_tables import column_table, stream_table
from reports.stream_facts import ReportedStream, StreamReport

_MESSAGE = 300  # characters
_FAILURES, _NOTICES = 50, 30


def render_stream_report(report: StreamReport) -> str:
    """Return the report as markdown with its charts inside, less than 500 kB."""
    sections = [
        f"# {stream_headline(report)}",
        f"Polled for {duration(report.seconds)}, until {escape(report.ended)}.",
        _figures(report),
        *_failures(report),
        *stream_details(report),
        *stream_table(report),
        *column_table(report),
        *_notices(report),
        *_next(report),
        *_origin(report),
    ]
    return "\n\n".join(sections) + "\n"


def stream_headline(report: StreamReport) -> str:
    """Say how much was read, and what was raised."""
    streams = report.streams
    if not streams:
        return "No stream was free to be polled"
    raised = counted(sum(stream.alerts for stream in streams), "alert")
    rows = counted(sum(stream.rows for stream in streams), "row")
    given_up = sum(stream.state == "error" for stream in streams)
    ending = f", {given_up:,} given up" if given_up else ""
    return f"{raised} in {rows} of {counted(len(streams), 'stream')}{ending}"


def _figures(report: StreamReport) -> str:
    streams = report.streams
    rows = sum(stream.rows for stream in streams)
    figures = {
        "Streams": f"{len(streams):,}",
        "Rows": f"{rows:,}",
        "Alerts": f"{sum(stream.alerts for stream in streams):,}",
        "With alerts": f"{sum(stream.alerts > 0 for stream in streams):,}",
        "Warming up": f"{sum(stream.warm_up_left > 0 for stream in streams):,}",
        "Given up": f"{sum(stream.state == 'error' for stream in streams):,}",
        "Time": duration(report.seconds),
    }
    return table(list(figures), [[glue(figure) for figure in figures.values()]])


def _failures(report: StreamReport) -> list[str]:
    failed = [stream for stream in report.streams if stream.failure is not None]
    if not failed:
        return []
    failed.sort(key=lambda stream: (stream.state != "error", stream.name))
    lines = [_failure(stream) for stream in failed[:_FAILURES]]
    left = len(failed) - _FAILURES
    more = [f"and {left:,} more: {code_span(report.list_streams, 300)}"] if left > 0 else []
    return [f"## {counted(len(failed), 'stream')} with errors", bullets([*lines, *more])]


def _failure(stream: ReportedStream) -> str:
    # Not a table, whose cells the page does not wrap: a message is to be read as a whole.
    assert stream.failure is not None
    kind, message = stream.failure.error_type, stream.failure.message
    became = "given up" if stream.state == "error" else "goes on"
    count = counted(stream.failures, "error")
    return (
        f"{bold(stream.name)}, {became} after {count}: {escape(kind)}: {escape(message, _MESSAGE)}"
    )


def _notices(report: StreamReport) -> list[str]:
    lines = [
        f"{bold(stream.name)}: {escape(notice, _MESSAGE)}"
        for stream in report.streams
        for notice in stream.notices
    ]
    if not lines:
        return []
    left = len(lines) - _NOTICES
    more = [f"and {left:,} more"] if left > 0 else []
    return ["## Notices", bullets([*lines[:_NOTICES], *more])]


def _next(report: StreamReport) -> list[str]:
    steps = {"All streams, and how they stand": report.list_streams}
    alerted = [stream for stream in report.streams if stream.alerts]
    if alerted:
        worst = max(alerted, key=lambda stream: stream.alerts)
        steps[f"The alerts of {worst.name}"] = worst.list_alerts
        steps["Where it stands"] = worst.show
    return ["## What next", command_block(steps)]


def _origin(report: StreamReport) -> list[str]:
    facts = [
        f"Flow run {code_span(report.flow_run_id)}, started {report.started:%Y-%m-%d %H:%M:%S %Z}",
        *([f"Versions: {pairs(report.versions)}"] if report.versions else []),
    ]
    return ["## Origin", bullets(facts)]
