"""The sources of a batch that gave no result, and why."""

from reports.batch_facts import BatchedSource, BatchReport
from reports.facts import Failure
from reports.markdown import bold, bullets, escape
from reports.numbers import counted, duration
from reports.sections.batch_lines import NAME, more, result
from reports.sentences import names

_SHOWN = 50
_MESSAGE = 200  # characters


def failure_sections(report: BatchReport) -> list[str]:
    """Return the sources that failed, each with its error, and those that were not checked."""
    failed = [source for source in report.sources if source.status == "error"]
    unfinished = [s.source for s in report.sources if s.status not in ("success", "error")]
    sections = []
    if failed:
        # Alike errors side by side: five sources on one host that is down are one matter.
        failed.sort(key=lambda source: (_failure(source).error_type, source.source))
        sections += [
            f"## {counted(len(failed), 'source')} failed",
            bullets([_line(source) for source in failed[:_SHOWN]]),
            *more(len(failed) - _SHOWN, report),
        ]
    if unfinished:
        title = f"## {counted(len(unfinished), 'source')} not checked"
        sections += [title, f"Cancelled or never begun: {names(unfinished)}."]
    return sections


def _line(source: BatchedSource) -> str:
    # Not a table, whose cells the page does not wrap: a message is to be read as a whole.
    failure = _failure(source)
    error = f"{escape(failure.error_type)}: {escape(failure.message, _MESSAGE)}"
    after = "" if source.seconds is None else f"after {duration(source.seconds)}, "
    return f"{bold(source.source, NAME)}: {error} ({after}{result(source)})"


def _failure(source: BatchedSource) -> Failure:
    return source.failure or Failure("Error", "no message was kept")
