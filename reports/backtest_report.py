"""The report of a backtest, as a person reads it in the Prefect UI."""

from reports.backtest_facts import BacktestReport, BacktestResult, ThresholdStep
from reports.charts.row_series import row_series_chart, worth_drawing
from reports.markdown import bold, bullets, code_span, escape, glue, image, table
from reports.numbers import NOTHING, counted, duration, number, percent
from reports.sections.incidents import incident_lines
from reports.sections.origin import command_block, pairs

_COLUMNS = 3
_NOTICES, _MESSAGE = 20, 500


def render_backtest_report(report: BacktestReport) -> str:
    """Return the report as markdown with its chart inside, less than 500 kB."""
    sections = [
        f"# {backtest_headline(report)}",
        *_verdict(report.result),
        _figures(report.result),
        *_picture(report),
        *_thresholds(report),
        *_incidents(report),
        *_notices(report.result),
        *_next(report),
        *_origin(report),
    ]
    return "\n\n".join(sections) + "\n"


def backtest_headline(report: BacktestReport) -> str:
    """Say how much would have been raised."""
    chosen = report.result.chosen
    raised = f"{counted(chosen.alerts, 'alert')} in {counted(chosen.incidents, 'incident')}"
    rows = f"{counted(report.result.rows, 'row')} of {code_span(report.result.source)}"
    found = raised if chosen.alerts else "no alert"
    return f"{escape(report.detector)} would have raised {found} over {rows}"


def _verdict(result: BacktestResult) -> list[str]:
    chosen, grade = result.chosen, result.chosen.grade
    silent = (
        f"The first {counted(result.silent_rows, 'row')} only serve to learn, and raise none. "
        if result.silent_rows
        else ""
    )
    if grade is None:
        hint = "Name a `label_column` of the source to have them compared with what is known."
        return [f"{silent}{hint}"]
    if not grade.events:
        return [f"{silent}The labels of the source know of no event past those rows."]
    precision = grade.precision(chosen.alerts)
    right = "" if precision is None else f", and {percent(precision)} of the alerts are right"
    return [
        f"{silent}Of {counted(grade.events, 'known event')} it finds "
        f"{bold(f'{grade.found:,}')} ({percent(grade.found / grade.events)}){right}. *Event*: "
        "labelled rows that follow one another; an alert in any of them finds it."
    ]


def _figures(result: BacktestResult) -> str:
    chosen, grade = result.chosen, result.chosen.grade
    figures = {
        "Rows": f"{result.rows:,}",
        "Threshold": number(chosen.threshold),
        "Anomalies": f"{chosen.anomalies:,}",
        "Alerts": f"{chosen.alerts:,}",
        "Incidents": f"{chosen.incidents:,}",
    }
    if grade is not None:
        figures["Precision"] = _share(grade.precision(chosen.alerts))
        figures["Recall"] = _share(grade.recall)
    unscored = result.rows - result.rows_scored
    if unscored:
        figures["Skipped"] = counted(unscored, "row")
    figures["Time"] = duration(result.seconds)
    if result.conditions:
        figures["Empty or stuck"] = counted(len(result.conditions), "alert")
    return table(list(figures), [[glue(figure) for figure in figures.values()]])


def _picture(report: BacktestReport) -> list[str]:
    result, series = report.result, report.series
    if not len(series.scores):
        return []
    shown = worth_drawing(result.columns, result.alerts, _COLUMNS)
    left_out = len(result.columns) - len(shown)
    parts = ["orange where an alert would have been raised (an arrow head if it lies beyond)"]
    if series.low is not None:
        parts.append("pale blue what was expected")
    if report.labels:
        parts.append("pale orange behind it what is known to be odd")
    if left_out:
        parts.append(f"{counted(left_out, 'other column')} not drawn")
    chart = row_series_chart(
        series,
        result.columns,
        shown,
        result.alerts,
        result.chosen.threshold,
        report.labels or (),
    )
    alt = f"Values and scores of {counted(result.rows, 'row')} of {result.source}"
    return [f"All rows; {', '.join(parts)}:", image(chart, alt)]


def _thresholds(report: BacktestReport) -> list[str]:
    steps, chosen = report.result.steps, report.result.chosen
    if not steps:
        return []
    graded = chosen.grade is not None
    headers = ["Threshold", "Anomalies", "Alerts", "Incidents"]
    headers += ["Events found", "Right alerts", "Precision", "Recall"] if graded else []
    rows = [_step(step, chosen=step.threshold == chosen.threshold) for step in steps]
    notes = []
    if not report.learns_anomalies:
        notes.append(
            "Anomalies are not learnt, so that scores depend on the threshold too: run the "
            "backtest with the one you choose before you rely on its line."
        )
    return ["## What another threshold would do", table(headers, rows), *notes]


def _step(step: ThresholdStep, *, chosen: bool) -> list[str]:
    cells = [
        number(step.threshold),
        f"{step.anomalies:,}",
        f"{step.alerts:,}",
        f"{step.incidents:,}",
    ]
    if step.grade is not None:
        cells += [
            f"{step.grade.found:,} of {step.grade.events:,}",
            f"{step.grade.right:,}",
            _share(step.grade.precision(step.alerts)),
            _share(step.grade.recall),
        ]
    glued = [glue(cell) for cell in cells]
    return [f"**{cell}**" for cell in glued] if chosen else glued


def _share(share: float | None) -> str:
    return NOTHING if share is None else percent(share)


def _incidents(report: BacktestReport) -> list[str]:
    result = report.result
    lines = incident_lines((*result.conditions, *result.alerts), report.rerun)
    return ["## What it would have raised", *lines] if lines else []


def _notices(result: BacktestResult) -> list[str]:
    lines = [escape(notice, _MESSAGE) for notice in result.notices[:_NOTICES]]
    left = len(result.notices) - _NOTICES
    lines += [f"and {left:,} more"] if left > 0 else []
    return ["## Notices", bullets(lines)] if lines else []


def _next(report: BacktestReport) -> list[str]:
    steps = {"Watch it from now on": report.create, "The same backtest again": report.rerun}
    return ["## What next", command_block(steps)]


def _origin(report: BacktestReport) -> list[str]:
    facts = [
        f"Replayed {report.started:%Y-%m-%d %H:%M:%S %Z}; nothing of it is kept",
        *([f"Parameters: {pairs(report.parameters)}"] if report.parameters else []),
        *([f"Versions: {pairs(report.versions)}"] if report.versions else []),
    ]
    return ["## Origin", bullets(facts)]
