"""What the tables of a batch's sources have in common."""

from reports.batch_facts import BatchedSource, BatchReport
from reports.markdown import code_span, escape, glue, link
from reports.numbers import NOTHING, duration

NAME = 50  # characters of a source's name that are shown, so that hundreds of lines fit


def result(source: BatchedSource) -> str:
    """Return where to read on: a link to the source's report, else the command to type."""
    if source.report is None:
        return glue(escape(source.show))
    return link("report", source.report)


def taken(source: BatchedSource) -> str:
    """Return how long it took."""
    return NOTHING if source.seconds is None else duration(source.seconds)


def more(left: int, report: BatchReport) -> list[str]:
    """Return a line that says how many were not shown, if any, and how to see them."""
    return [f"And {left:,} more: {code_span(report.commands.results, 300)}"] if left > 0 else []
