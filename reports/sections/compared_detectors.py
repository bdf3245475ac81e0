"""The detectors of a comparison, one line each."""

from reports.comparison_facts import ComparedDetector, ComparisonReport, succeeded
from reports.markdown import bold, bullets, escape, glue, link, table
from reports.numbers import NOTHING, duration, number, percent

_MESSAGE = 500  # characters


def detector_sections(report: ComparisonReport) -> list[str]:
    """Return the table of detectors, and why those that failed did."""
    graded = any(one.grade for one in report.detectors)
    linked = any(one.report for one in report.detectors)
    headers = [
        "Detector",
        *(["Detection"] if linked else []),
        "Anomalies",
        "Rate",
        "Only it",
        "Threshold",
        "Time",
    ]
    headers += ["AUROC", "AP", "Precision", "Recall"] if graded else []
    lines = [_line(one, report.rows_scored, graded, linked) for one in report.detectors]
    sections = ["## Detectors", table(headers, lines)]
    if succeeded(report.detectors):
        legend = ["*Only it*: rows that no other detector flags."]
        if graded:
            legend.append("*AP*, average precision, and *AUROC* grade the ranking of all rows.")
        sections.append(" ".join(legend))
    failed = [one for one in report.detectors if one.failure is not None]
    if failed:
        sections.append(bullets([_why(one) for one in failed]))
    return sections


def _line(one: ComparedDetector, rows: int | None, graded: bool, linked: bool) -> list[str]:
    rate = percent(one.anomalies / rows) if rows and one.anomalies is not None else NOTHING
    grade = one.grade
    grades = (
        (grade.auroc, grade.average_precision, grade.precision, grade.recall)
        if grade
        else (None,) * 4
    )
    error = "**error**" if one.status == "error" else f"*{escape(one.status)}*"
    return [
        bold(one.label),
        *([link("report", one.report) if one.report else ""] if linked else []),
        _count(one.anomalies) if one.status == "success" else error,
        glue(rate),
        _count(one.alone),
        number(one.threshold),
        NOTHING if one.seconds is None else glue(duration(one.seconds)),
        *([_grade(value) for value in grades] if graded else []),
    ]


def _count(count: int | None) -> str:
    return NOTHING if count is None else f"{count:,}"


def _grade(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.3f}"


def _why(one: ComparedDetector) -> str:
    if one.failure is None:
        return ""
    kind, message = escape(one.failure.error_type), escape(one.failure.message, _MESSAGE)
    return f"{bold(one.label)} failed: {kind}: {message}"
