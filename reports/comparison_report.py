"""The report of a comparison, as a person reads it in the Prefect UI."""

from reports.comparison_advice import advice
from reports.comparison_facts import ComparisonReport, succeeded
from reports.level_words import flagged_by
from reports.markdown import bold, bullets, code_span, escape, glue, table
from reports.numbers import counted, duration, percent
from reports.sections.agreement import agreement_sections
from reports.sections.compared_detectors import detector_sections
from reports.sections.flagged_rows import row_sections
from reports.sections.origin import command_block, pairs
from reports.sentences import common_choice


def render_comparison_report(report: ComparisonReport) -> str:
    """Return the report as markdown with its charts inside, less than 500 kB."""
    sections = [
        f"# {comparison_headline(report)}",
        *_what(report),
        _figures(report),
        "## What to do",
        bullets(advice(report)),
        *detector_sections(report),
        *agreement_sections(report),
        *row_sections(report),
        *_origin(report),
    ]
    return "\n\n".join(sections) + "\n"


def comparison_headline(report: ComparisonReport) -> str:
    """Say how many rows of what the detectors flag, and on how many they agree."""
    total, n = len(report.detectors), len(succeeded(report.detectors))
    source = code_span(report.source)
    if not n or not report.rows_scored:
        return f"None of {counted(total, 'detector')} succeeded on {source}"
    who = f"{n} of {total} detectors" if n < total else counted(n, "detector")
    who += " flags" if n == 1 else " flag"
    flagged = _flagged(report)
    if not flagged:
        return f"{who} none of the {report.rows_scored:,} rows of {source}"
    head = f"{who} {flagged:,} of {report.rows_scored:,} rows of {source}"
    if n == 1:
        return head
    agreed = sum(level.rows for level in report.levels if level.level == "all")
    every = flagged_by("all", n)
    return f"{head}; {every} agree on {f'{agreed:,}' if agreed else 'none'} of them"


def _flagged(report: ComparisonReport) -> int:
    return sum(level.rows for level in report.levels)


def _what(report: ComparisonReport) -> list[str]:
    words = [
        f"This comparison: {bold(report.status)}. {common_choice(report.threshold, 'detector')}"
    ]
    if report.failure is not None:
        kind, message = bold(report.failure.error_type), escape(report.failure.message, 1000)
        words.append(f"It ended before its work was done. {kind}: {message}")
    return words


def _figures(report: ComparisonReport) -> str:
    n = len(succeeded(report.detectors))
    figures = {"Detectors": f"{len(report.detectors)}"}
    if n < len(report.detectors):
        figures["Succeeded"] = f"{n}"
    if report.rows_scored:
        flagged = _flagged(report)
        figures["Rows"] = f"{report.rows_scored:,}"
        figures["Flagged"] = f"{flagged:,}"
        figures["Rate"] = percent(flagged / report.rows_scored)
    if report.known is not None:
        figures["Known anomalies"] = f"{report.known:,}"
    figures["Time"] = duration(report.seconds)
    return table(list(figures), [[glue(figure) for figure in figures.values()]])


def _origin(report: ComparisonReport) -> list[str]:
    commands = report.commands
    steps = {
        "Every flagged row, with the detectors that flag it": commands.records,
        "This comparison": commands.show,
        "The same comparison again": commands.rerun,
    }
    size = report.sample_size
    fitted = "all rows" if size is None else f"{size:,} sampled rows"
    facts = [
        f"Comparison {code_span(report.comparison_id)}, "
        f"started {report.started:%Y-%m-%d %H:%M:%S %Z}",
        f"Fitted on {fitted}, seed {report.seed}"
        + (f", data fingerprint {code_span(report.fingerprint)}" if report.fingerprint else ""),
        *(
            f"{bold(one.label)}: {escape(one.detector)}"
            + (f", {pairs(one.parameters)}" if one.parameters else "")
            + f": {code_span(one.show, 200)}"
            for one in report.detectors
        ),
        *([f"Versions: {pairs(report.versions)}"] if report.versions else []),
    ]
    return ["## What next", command_block(steps), "## Origin", bullets(facts)]
