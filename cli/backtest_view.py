"""A backtest as the command shows it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Self

from cli.alert_shapes import AlertColumnShape
from cli.home import command_line
from cli.output import console, make_facts, make_table, moment
from cli.shapes import Shape
from reports.backtest_facts import BacktestResult, ThresholdStep
from reports.numbers import NOTHING, counted, duration, number, percent, span
from reports.sections.incidents import alert_condition
from reports.stream_facts import AlertFacts, AlertOf

_ALERTS, _VALUES = 10, 3


class GradeShape(Shape):
    """How alerts compare with the labels of the source."""

    events: int
    found_events: int
    right_alerts: int
    precision: float | None
    recall: float | None


class ThresholdShape(Shape):
    """What a threshold would do; ``grade`` is null without labels."""

    threshold: float
    anomalies: int
    alerts: int
    incidents: int
    grade: GradeShape | None

    @classmethod
    def of(cls, step: ThresholdStep) -> Self:
        """Return what a threshold would do."""
        grade = None
        if step.grade is not None:
            grade = GradeShape(
                events=step.grade.events,
                found_events=step.grade.found,
                right_alerts=step.grade.right,
                precision=step.grade.precision(step.alerts),
                recall=step.grade.recall,
            )
        return cls(
            threshold=step.threshold,
            anomalies=step.anomalies,
            alerts=step.alerts,
            incidents=step.incidents,
            grade=grade,
        )


class BacktestAlertShape(Shape):
    """An alert that would have been raised."""

    kind: AlertOf
    column: str | None
    first_row: int | None
    sequence: int
    row_key: str | None
    timestamp: datetime | None
    anomaly_score: float | None
    incident: int | None
    details: list[AlertColumnShape]

    @classmethod
    def of(cls, alert: AlertFacts) -> Self:
        """Return an alert."""
        return cls(
            kind=alert.kind,
            column=alert.column,
            first_row=alert.first_row,
            sequence=alert.row,
            row_key=alert.key,
            timestamp=alert.time,
            anomaly_score=alert.score,
            incident=alert.incident,
            details=[
                AlertColumnShape(
                    column=held.column,
                    value=held.value,
                    expected_low=held.low,
                    expected_high=held.high,
                    score=None,
                    driving=held.driving,
                )
                for held in alert.values
            ],
        )


class BacktestShape(Shape):
    """What an online detector would have raised; ``alerts`` holds the first thousand."""

    source_name: str
    algorithm: str
    columns: list[str]
    total_points: int
    scored_points: int
    skipped_points: int
    silent_points: int
    duration_ms: int
    chosen: ThresholdShape
    thresholds: list[ThresholdShape]
    alerts: list[BacktestAlertShape]
    conditions: list[BacktestAlertShape]
    notices: list[str]

    @classmethod
    def of(cls, result: BacktestResult) -> Self:
        """Return a backtest."""
        return cls(
            source_name=result.source,
            algorithm=result.algorithm,
            columns=list(result.columns),
            total_points=result.rows,
            scored_points=result.rows_scored,
            skipped_points=result.rows - result.rows_scored,
            silent_points=result.silent_rows,
            duration_ms=round(1000 * result.seconds),
            chosen=ThresholdShape.of(result.chosen),
            thresholds=[ThresholdShape.of(step) for step in result.steps],
            alerts=[BacktestAlertShape.of(alert) for alert in result.alerts],
            conditions=[BacktestAlertShape.of(alert) for alert in result.conditions],
            notices=list(result.notices),
        )


def print_backtest(result: BacktestResult) -> None:
    """Print a backtest for people."""
    out, chosen = console(), result.chosen
    raised = f"{counted(chosen.alerts, 'alert')} in {counted(chosen.incidents, 'incident')}"
    rows = f"{counted(result.rows, 'row')} of {result.source}"
    out.print(f"{result.algorithm} would have raised {raised} over {rows}", style="bold")
    out.print()
    out.print(make_facts(_facts(result)))
    _print_thresholds(result)
    if result.alerts:
        _print_alerts(result)
    create = command_line("streams", "create", "NAME", "--source", result.source)
    out.print(
        f"\nWatch it from now on, with the options of this backtest: {create}", soft_wrap=True
    )


def _facts(result: BacktestResult) -> Iterator[tuple[str, str]]:
    yield "columns", ", ".join(result.columns)
    yield "threshold", number(result.chosen.threshold)
    if result.silent_rows:
        yield "learning only", f"the first {counted(result.silent_rows, 'row')}, without alerts"
    if result.rows > result.rows_scored:
        yield "skipped, without a value", counted(result.rows - result.rows_scored, "row")
    for notice in result.notices[:_ALERTS]:
        yield "notice", notice
    if len(result.notices) > _ALERTS:
        yield "and", f"{len(result.notices) - _ALERTS:,} more notices"
    for condition in result.conditions[:_ALERTS]:
        yield condition.kind, alert_condition(condition)
    if len(result.conditions) > _ALERTS:
        yield "and", f"{len(result.conditions) - _ALERTS:,} more alerts of columns"
    grade = result.chosen.grade
    if grade is not None:
        precision = _share(grade.precision(result.chosen.alerts))
        found = f"{grade.found:,} of {counted(grade.events, 'known event')}"
        yield "known labels", f"finds {found}, {precision} of the alerts are right"
    yield "took", duration(result.seconds)


def _print_thresholds(result: BacktestResult) -> None:
    graded = result.chosen.grade is not None
    numbers = ["threshold", "anomalies", "alerts", "incidents"]
    numbers += ["events found", "precision", "recall"] if graded else []
    table = make_table(*numbers, "", right=numbers)
    for step in result.steps:
        grade = step.grade
        judged = (
            [f"{grade.found:,} of {grade.events:,}", _share(grade.precision(step.alerts))]
            if grade
            else []
        )
        table.add_row(
            number(step.threshold),
            number(step.anomalies),
            number(step.alerts),
            number(step.incidents),
            *judged,
            *([_share(grade.recall)] if grade else []),
            "chosen" if step.threshold == result.chosen.threshold else "",
        )
    out = console()
    out.print("\nWhat another threshold would do:")
    out.print(table)


def _print_alerts(result: BacktestResult) -> None:
    table = make_table("when (UTC)", "row", "score", "incident", "what was odd", right=("score",))
    latest = result.alerts[-_ALERTS:]
    for alert in reversed(latest):
        table.add_row(
            moment(alert.time),
            f"#{alert.row:,}" if alert.key is None else alert.key,
            number(alert.score),
            number(alert.incident),
            _what(alert),
        )
    out = console()
    which = "All" if len(latest) == result.chosen.alerts else f"The last {len(latest)}"
    out.print(f"\n{which} alerts:")
    out.print(table)


def _what(alert: AlertFacts) -> str:
    driving = [held for held in alert.values if held.driving]
    words = []
    for held in driving[:_VALUES]:
        expected = span((held.low, held.high), 3)
        usual = "" if expected == NOTHING else f" (expected {expected})"
        words.append(f"{held.column} {number(held.value)}{usual}")
    more = [f"{len(driving) - _VALUES} more"] if len(driving) > _VALUES else []
    return ", ".join([*words, *more]) or "no single value; their combination"


def _share(share: float | None) -> str:
    return NOTHING if share is None else percent(share)
