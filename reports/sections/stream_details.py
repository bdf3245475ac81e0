"""Streams one by one: their rows in a picture, and what was odd in words."""

from collections.abc import Iterator

from reports.charts.row_series import row_series_chart, worth_drawing
from reports.markdown import escape, image
from reports.numbers import counted, number
from reports.sections.incidents import incident_lines
from reports.stream_facts import ReportedStream, StreamReport

_CHARACTERS = 330_000  # of all pictures together, of the 500 kB that a report may have
_TEXTS = 60_000
_COLUMNS = 2


def stream_details(report: StreamReport) -> list[str]:
    """Return a section a stream with alerts, the most first, as long as there is room.

    A run without any shows the stream that read the most rows.
    """
    by_interest = sorted(report.streams, key=lambda each: (-each.alerts, -each.rows, each.name))
    wanted = [stream for stream in by_interest if stream.alerts] or by_interest[:1]
    sections: list[str] = []
    pictures = texts = 0
    for stream in wanted:
        words = [f"## {escape(stream.name)}", *_words(stream)]
        texts += sum(map(len, words))
        if texts > _TEXTS:
            break
        picture = list(_picture(stream)) if pictures < _CHARACTERS else []
        pictures += sum(map(len, picture))
        title, sentence, *incidents = words
        sections += [title, sentence, *picture, *incidents]
    return sections


def _words(stream: ReportedStream) -> list[str]:
    learning = counted(stream.warm_up_left, "more row")
    warming = (
        f"; it is warming up, and raises no alert for {learning}" if stream.warm_up_left else ""
    )
    raised = counted(stream.alerts, "alert")
    sentence = (
        f"{escape(stream.detector)} over {escape(stream.source)}: {raised} in "
        f"{counted(stream.rows, 'row')} of this run, {stream.total_alerts:,} in "
        f"{stream.incidents:,} incidents of {counted(stream.total_rows, 'row')} so far{warming}."
    )
    return [sentence, *incident_lines(stream.recent_alerts, stream.list_alerts)]


def _picture(stream: ReportedStream) -> Iterator[str]:
    series, names = stream.recent, [column.name for column in stream.columns]
    if series is None or not len(series.scores) or not names:
        return
    shown = worth_drawing(names, stream.recent_alerts, _COLUMNS)
    left_out = len(names) - len(shown)
    which = f"the last {counted(len(series.scores), 'row')}"
    others = f"; {counted(left_out, 'other column')} not drawn" if left_out else ""
    expected = (
        ", orange where an alert was raised (an arrow head where it lies beyond), with what was "
        "expected there as a pale bar"
    )
    if not any(
        0 <= alert.row - series.first < len(series.scores)
        for alert in stream.recent_alerts
        if alert.kind == "row"
    ):
        expected = ", in which no alert was raised"
    yield f"Its values and scores in {which}{expected}{others}:"
    png = row_series_chart(series, names, shown, stream.recent_alerts, stream.threshold)
    limit = number(stream.threshold)
    yield image(png, f"Values and scores of {stream.name}, threshold {limit}")
