"""The report of a detection that failed, as a person reads it in the Prefect UI."""

from reports.facts import ErrorReport
from reports.markdown import bold, bullets, code_span, escape
from reports.numbers import duration
from reports.sections.origin import command_block


def render_error_report(report: ErrorReport) -> str:
    """Return what failed, why, and what to do, as markdown."""
    source = code_span(report.source)
    steps = {
        "Is the source all right?": report.check,
        "What is known of this detection": report.commands.show,
        "Try again": report.commands.rerun,
    }
    facts = [
        f"Detector: {escape(report.detector)}",
        f"Detection {code_span(report.detection_id)}, "
        f"started {report.started:%Y-%m-%d %H:%M:%S %Z}, "
        f"failed after {duration(report.seconds)}",
    ]
    sections = [
        f"# Detecting anomalies in {source} failed while {escape(report.step)}",
        f"{bold(report.error_type)}: {escape(report.message, 2000)}",
        "## What to do",
        *([f"**Advice**: {escape(report.advice, 1000)}"] if report.advice else []),
        command_block(steps),
        "## Origin",
        bullets(facts),
    ]
    return "\n\n".join(sections) + "\n"
