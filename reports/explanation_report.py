"""The report of an explanation, as a person reads it in the Prefect UI."""

from reports.explanation_facts import ExplanationReport
from reports.explanation_sentences import explanation_headline, how_to_read
from reports.markdown import bullets, code_span, escape, glue, table
from reports.numbers import counted, duration, number
from reports.sections.explained_rows import row_sections
from reports.sections.importance import importance_sections
from reports.sections.origin import command_block, pairs

_LEFT_OUT = 20


def render_explanation_report(report: ExplanationReport) -> str:
    """Return the report as markdown with its plots inside, less than 500 kB."""
    sections = [
        f"# {explanation_headline(report)}",
        _figures(report),
        *how_to_read(report),
        *importance_sections(report),
        *row_sections(report),
        *_left_out(report),
        *_origin(report),
    ]
    return "\n\n".join(sections) + "\n"


def _figures(report: ExplanationReport) -> str:
    figures = {
        "Rows explained": f"{len(report.rows):,}",
        "Anomalies": f"{sum(row.is_anomaly for row in report.rows):,}",
        "Threshold": number(report.threshold),
        "Features": f"{len(report.importance):,}",
        "Background": counted(report.method.background_rows, "row"),
        "Stored before": f"{sum(row.from_cache for row in report.rows):,}",
        "Time": duration(report.seconds),
    }
    if report.left_out:
        figures["Left out"] = counted(len(report.left_out), "row")
    return table(list(figures), [[glue(figure) for figure in figures.values()]])


def _left_out(report: ExplanationReport) -> list[str]:
    if not report.left_out:
        return []
    lines = [
        f"Row {code_span(one.row)}: {escape(one.reason, 150)}"
        for one in report.left_out[:_LEFT_OUT]
    ]
    more = len(report.left_out) - _LEFT_OUT
    title = f"## {counted(len(report.left_out), 'row')} left out"
    return [title, bullets([*lines, *([f"and {more:,} more"] if more > 0 else [])])]


def _origin(report: ExplanationReport) -> list[str]:
    commands, method = report.commands, report.method
    steps = {
        "These explanations, with every feature": commands.show,
        "The same explanations again": commands.explain,
        "The detection": commands.detection,
    }
    facts = [
        f"Detection {code_span(report.detection_id)}",
        f"Background of {counted(method.background_rows, 'row')}, seed {method.seed}",
        f"Detector: {escape(report.detector)}, "
        + ("the stored one" if method.refitted is None else "fitted again"),
        *([f"Parameters: {pairs(report.parameters)}"] if report.parameters else []),
        *([f"Versions: {pairs(report.versions)}"] if report.versions else []),
    ]
    return ["## What next", command_block(steps), "## Origin", bullets(facts)]
