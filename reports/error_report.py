"""The report of a detection that failed."""

from reports.facts import ErrorReport
from reports.markdown import bullets, code_block, escape
from reports.numbers import duration


def render_error_report(report: ErrorReport) -> str:
    """Return what failed, the message and what to do, as markdown."""
    commands = [report.check, report.commands.show, report.commands.rerun]
    sections = [
        f"# Detecting anomalies in **{escape(report.source)}** failed while {escape(report.step)}",
        f"**{escape(report.error_type)}:** {escape(report.message, 2000)}",
        *([f"**What to do:** {escape(report.advice, 1000)}"] if report.advice else []),
        code_block("\n".join(line for line in commands if line), "shell"),
        bullets(
            [
                f"Detection: {escape(report.detection_id)}",
                f"Detector: {escape(report.detector)}",
                f"Started: {escape(f'{report.started:%Y-%m-%d %H:%M:%S %Z}')}",
                f"Failed after {duration(report.seconds)}",
            ]
        ),
    ]
    return "\n\n".join(sections) + "\n"
