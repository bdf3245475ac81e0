"""The report of a detection, as a person reads it in the Prefect UI.

Made for the page of a markdown artifact: about 700 pixels wide, tables that may not wrap, images
only as PNG in the text, a light theme and a dark one.
"""

from reports.charts.histogram import score_histogram
from reports.facts import DetectionReport
from reports.markdown import glue, image, table
from reports.numbers import counted, duration, number, percent
from reports.sections.anomalies import anomaly_sections
from reports.sections.columns import column_sections
from reports.sections.origin import origin_sections
from reports.sentences import headline, threshold_choice


def render_detection_report(report: DetectionReport) -> str:
    """Return the report as markdown with its charts inside, less than 500 kB."""
    sections = [
        f"# {headline(report)}",
        _figures(report),
        *_scores(report),
        *anomaly_sections(report),
        *column_sections(report),
        *origin_sections(report),
    ]
    return "\n\n".join(sections) + "\n"


def _figures(report: DetectionReport) -> str:
    figures = {
        "Rows": f"{report.rows_scored:,}",
        "Anomalies": f"{report.n_anomalies:,}",
        "Rate": percent(report.n_anomalies / report.rows_scored),
        "Threshold": number(report.threshold.value),
        "Columns": f"{sum(column.watched for column in report.columns):,}",
        "Time": duration(report.seconds),
    }
    if report.left_out:
        figures["Left out"] = counted(len(report.left_out), "column")
    if report.truth is not None:
        figures["AUROC"] = f"{report.truth.auroc:.3f}"
        figures["AP"] = f"{report.truth.average_precision:.3f}"
        figures["Found of known"] = f"{report.truth.found:,} of {report.truth.known:,}"
    return table(list(figures), [[glue(figure) for figure in figures.values()]])


def _scores(report: DetectionReport) -> list[str]:
    limit = number(report.threshold.value)
    chart = score_histogram(report.histogram, report.threshold.value, report.n_anomalies)
    return [
        "## Scores",
        threshold_choice(report.threshold),
        image(
            chart,
            f"Histogram of {counted(report.rows_scored, 'score')} with the threshold at {limit}",
        ),
    ]
