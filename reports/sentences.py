"""What the figures of a detection mean, in words."""

from collections.abc import Mapping

from reports.facts import EXTREME_Z, DetectionReport, RowValue, ThresholdChoice, ThresholdFacts
from reports.markdown import bold, code_span, escape, glue
from reports.numbers import NOTHING, counted, number, percent, span

# Rarer than this nobody can check, nor ask for.
_RAREST = 1e-6

Typical = Mapping[str, tuple[float, float]]


def headline(report: DetectionReport) -> str:
    """Say how many rows of what are anomalous according to whom."""
    according = f"anomalous according to {escape(report.detector)}"
    source = code_span(report.source)
    if not report.n_anomalies:
        return f"None of the {report.rows_scored:,} rows of {source} is {according}"
    share = percent(report.n_anomalies / report.rows_scored)
    verb = "is" if report.n_anomalies == 1 else "are"
    return (
        f"{report.n_anomalies:,} of {report.rows_scored:,} rows ({share}) of {source} "
        f"{verb} {according}"
    )


def describe_adjusted(adjusted: Mapping[str, Mapping[str, object]]) -> list[str]:
    """Say which parameters did not fit the rows: "n_components 20 -> 5: fitted on 5 rows"."""
    return [
        f"{parameter} {one['asked']} -> {one['used']}: {one['reason']}"
        for parameter, one in adjusted.items()
    ]


def threshold_choice(threshold: ThresholdFacts) -> str:
    """Say how the threshold was chosen and what that promises."""
    limit = f"A row is an anomaly when its score is above {number(threshold.value)}"
    if threshold.policy == "fixed":
        return f"{limit}, the score fixed in the request."
    return f"{limit}, chosen for {_aim(threshold)}."


def common_choice(choice: ThresholdChoice, each: str) -> str:
    """Say how the thresholds of several detections were chosen.

    Args:
        choice: the same for all of them.
        each: what has a threshold of its own: "source", "detector".
    """
    if choice.policy == "fixed":
        limit = number(choice.parameter)
        return f"A row is an anomaly when its score is above {limit}, the same for every {each}."
    return f"Every {each} has a threshold of its own, chosen for {_aim(choice)}."


def _aim(choice: ThresholdChoice) -> str:
    share = percent(choice.parameter)
    if choice.policy == "contamination":
        return f"a contamination of {share}: the {share} of rows that score highest are flagged"
    if choice.parameter > 0.1:
        clean = f"{share} of clean rows are"
    else:
        clean = f"1 in {number(round(1 / choice.parameter))} clean rows is"
    return f"a false-alarm rate of {share}: at most about {clean} flagged"


def clean_rows_as_high(p_value: float | None, clean_rows: int | None) -> str:
    """Say how many clean rows score as high: 1 in 300, or less than could be counted.

    A p-value of 1 / (n + 1) is that of a score above those of all n clean rows. One that is smaller
    was extrapolated, and its figures are no more than two.
    """
    if p_value is None:
        return NOTHING
    if p_value > 0.1:
        return percent(p_value)
    if p_value < _RAREST:
        return f"fewer than 1 in {1 / _RAREST:,.0f}"
    times = 1 / p_value
    if clean_rows is None:
        return f"1 in {times:,.0f}"
    if abs(times - (clean_rows + 1)) < 1e-6 * times:
        return f"none of {clean_rows:,}"
    return f"1 in {times if times < clean_rows else float(f'{times:.1e}'):,.0f}"


def standing_out(values: tuple[RowValue, ...], typical: Typical, most: int = 3) -> str:
    """Name the values of a row that stand out, each with what is typical of its column."""
    extreme = sorted(
        (value for value in values if abs(value.z) > EXTREME_Z), key=lambda value: -abs(value.z)
    )
    if not extreme:
        return none_extreme(len(values))
    words = [_in_words(value, typical) for value in extreme[:most]]
    more = len(extreme) - most
    return f"{glue(' ·')} ".join([*words, glue(f"{more:,} more")] if more > 0 else words)


def none_extreme(columns: int) -> str:
    """Say that a row is odd although none of its values is extreme."""
    return "no value is extreme" if columns == 1 else "no single value; their combination"


def _in_words(value: RowValue, typical: Typical) -> str:
    arrow = "▲" if value.z > 0 else "▼"
    usual = span(typical[value.column], 3) if value.column in typical else f"z {value.z:+.3g}"
    figures = f"= {escape(short(value.value), 40)} ({usual})"
    return f"{glue(f'{arrow} ')}{bold(value.column)} {glue(figures)}"


def short(value: float | str | bool | None) -> str:
    """Return a value of a row in few characters, not as markdown."""
    if value is None:
        return "missing"
    return str(value) if isinstance(value, bool | str) else number(value, 3)


def names(columns: list[str], most: int = 12) -> str:
    """Return names of columns as markdown, the first of them when there are many."""
    shown = ", ".join(bold(name) for name in columns[:most])
    more = len(columns) - most
    return f"{shown} and {counted(more, 'more', 'more')}" if more > 0 else shown
