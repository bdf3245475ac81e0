"""All streams of a run, and all of their columns, a line each."""

from reports.markdown import code_span, escape, glue, table
from reports.numbers import NOTHING, counted, number, percent, span
from reports.stream_facts import ReportedStream, StreamColumn, StreamReport

_STREAMS, _COLUMNS = 100, 100
_NAME = 50  # characters


def stream_table(report: StreamReport) -> list[str]:
    """Return the table of all streams, by name."""
    if not report.streams:
        return []
    streams = sorted(report.streams, key=lambda stream: stream.name)
    headers = [
        "Stream",
        "Status",
        "Rows",
        "Alerts",
        "Unread",
        "Errors",
        "Rows so far",
        "Skipped",
        "Alerts so far",
    ]
    sections = ["## Streams", table(headers, [_stream_row(each) for each in streams[:_STREAMS]])]
    left = len(streams) - _STREAMS
    if left > 0:
        sections.append(f"And {left:,} more: {code_span(report.list_streams, 300)}")
    return [
        *sections,
        "*Unread*: how far behind the end of its source a stream is, as far as that can be told. "
        "*Skipped*: rows without a value to score.",
    ]


def column_table(report: StreamReport) -> list[str]:
    """Return what the watched columns have held since their streams began."""
    rows = [
        _column_row(stream, column)
        for stream in sorted(report.streams, key=lambda stream: stream.name)
        for column in stream.columns
    ]
    if not rows:
        return []
    headers = [
        "Stream",
        "Column",
        "Values",
        "Missing",
        "Mean",
        "Std",
        "Min to max",
        "Anomalies",
        "Rate",
    ]
    sections = ["## Columns", table(headers, rows[:_COLUMNS])]
    left = len(rows) - _COLUMNS
    return [*sections, f"And {counted(left, 'more column')}."] if left > 0 else sections


def _stream_row(stream: ReportedStream) -> list[str]:
    status: str = stream.state
    if stream.state == "running" and stream.unscored:
        status = f"the last {counted(stream.unscored, 'row')} skipped"
    elif stream.state == "running" and stream.warm_up_left:
        status = "warming up"
    return [
        escape(stream.name, _NAME),
        glue(status),
        f"{stream.rows:,}",
        f"{stream.alerts:,}",
        NOTHING if stream.lag is None else glue(f"{number(stream.lag.amount)} {stream.lag.unit}"),
        f"{stream.failures:,}",
        f"{stream.total_rows:,}",
        f"{stream.total_skipped:,}",
        f"{stream.total_alerts:,}",
    ]


def _column_row(stream: ReportedStream, column: StreamColumn) -> list[str]:
    return [
        escape(stream.name, _NAME),
        escape(column.name, _NAME),
        f"{column.count:,}",
        f"{column.missing:,}",
        number(column.mean),
        number(column.std),
        span((column.minimum, column.maximum)),
        f"{column.anomaly_count:,}",
        glue(percent(column.anomaly_count / column.count)) if column.count else NOTHING,
    ]
