"""The report of a batch, as a person reads it in the Prefect UI."""

from statistics import fmean, median

from reports.batch_facts import BatchedSource, BatchReport
from reports.charts.bars import Bar, bar_chart
from reports.facts import RunStatus
from reports.markdown import bold, bullets, code_span, escape, glue, image, table
from reports.numbers import NOTHING, counted, duration, percent
from reports.sections.batch_failures import failure_sections
from reports.sections.batch_rates import rate_sections
from reports.sections.origin import command_block, pairs
from reports.sentences import common_choice

_SLOWEST = 10


def render_batch_report(report: BatchReport) -> str:
    """Return the report as markdown with its charts inside, less than 500 kB."""
    rates = rate_sections(report)
    sections = [
        f"# {batch_headline(report)}",
        *_what(report),
        _figures(report),
        *_averages(report),
        *failure_sections(report),
        *rates.first,
        *_time(report),
        *_next(report),
        *rates.others,
        *_origin(report),
    ]
    return "\n\n".join(sections) + "\n"


def batch_headline(report: BatchReport) -> str:
    """Say how many sources gave a result, and what was found in them."""
    checked = _with(report, "success")
    total, n_failed = len(report.sources), len(_with(report, "error"))
    missing = total - len(checked) - n_failed
    if not checked:
        outcome = f"None of {counted(total, 'source')} could be checked"
    elif len(checked) == total:
        outcome = f"All {total:,} sources checked" if total > 1 else "1 source checked"
    else:
        outcome = f"{len(checked):,} of {total:,} sources checked"
    parts = [outcome, *([f"{n_failed:,} failed"] if n_failed else [])]
    parts += [f"{missing:,} cancelled or not begun"] if missing else []
    if not checked:
        return ", ".join(parts)
    found = counted(_anomalies(checked), "anomaly", "anomalies")
    return f"{', '.join(parts)}; {found} in {counted(_rows(checked), 'row')}"


def _with(report: BatchReport, status: RunStatus) -> list[BatchedSource]:
    return [source for source in report.sources if source.status == status]


def _anomalies(sources: list[BatchedSource]) -> int:
    return sum(source.anomalies or 0 for source in sources)


def _rows(sources: list[BatchedSource]) -> int:
    return sum(source.rows or 0 for source in sources)


def _what(report: BatchReport) -> list[str]:
    name = f"Batch {bold(report.name)}" if report.name else "This batch"
    words = [
        f"{name}, by {escape(report.detector)}: {bold(report.status)}. "
        f"{common_choice(report.threshold, 'source')}"
    ]
    if report.failure is not None:
        kind, message = bold(report.failure.error_type), escape(report.failure.message, 1000)
        words.append(f"It ended before its work was done. {kind}: {message}")
    return words


def _figures(report: BatchReport) -> str:
    checked = _with(report, "success")
    rates = [source.rate for source in checked if source.rate is not None]
    rows = _rows(checked)
    figures = {
        "Sources": f"{len(report.sources):,}",
        "Checked": f"{len(checked):,}",
        "Failed": f"{len(_with(report, 'error')):,}",
        "Anomalies": f"{_anomalies(checked):,}",
        "Rows": f"{rows:,}",
        "Rate, weighted": percent(_anomalies(checked) / rows) if rows else NOTHING,
        "Rate, unweighted": percent(fmean(rates)) if rates else NOTHING,
        "Time": duration(report.seconds),
    }
    return table(list(figures), [[glue(figure) for figure in figures.values()]])


def _averages(report: BatchReport) -> list[str]:
    checked = _with(report, "success")
    if not checked:
        return []
    return [
        f"Both rates are over {counted(len(checked), 'source')} that succeeded. *Weighted*: "
        "anomalies per row, over all of their rows. *Unweighted*: the mean of their rates, each "
        "source counted once."
    ]


def _time(report: BatchReport) -> list[str]:
    timed = [source for source in report.sources if source.seconds is not None]
    if not timed:
        return []
    seconds = [source.seconds or 0.0 for source in timed]
    slowest = sorted(timed, key=lambda source: -(source.seconds or 0.0))[:_SLOWEST]
    bars = [
        Bar(source.source, source.seconds or 0.0, duration(source.seconds or 0.0))
        for source in slowest
    ]
    return [
        "## Time",
        f"{duration(sum(seconds))} of work done in {duration(report.seconds)}, on up to "
        f"{counted(report.max_workers, 'source')} at once ({escape(report.runner)}); "
        f"{duration(median(seconds))} for the median source. The slowest:",
        image(bar_chart(bars), f"Time of the {len(bars)} slowest sources"),
    ]


def _next(report: BatchReport) -> list[str]:
    commands = report.commands
    steps = {
        "This batch": commands.show,
        "Every source of it": commands.results,
        "Run what is missing": commands.resume,
    }
    return ["## What next", command_block(steps)]


def _origin(report: BatchReport) -> list[str]:
    facts = [
        f"Batch {code_span(report.batch_id)}, started {report.started:%Y-%m-%d %H:%M:%S %Z}",
        f"{escape(report.detector)}, seed {report.seed}",
        *([f"Parameters: {pairs(report.parameters)}"] if report.parameters else []),
        *([f"Versions: {pairs(report.versions)}"] if report.versions else []),
    ]
    return ["## Origin", bullets(facts)]
