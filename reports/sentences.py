"""What figures of a detection mean, in words."""

from reports.facts import EXTREME_Z, DetectionReport, RowValue, ThresholdFacts
from reports.markdown import escape
from reports.numbers import NOTHING, counted, number, percent


def headline(report: DetectionReport) -> str:
    """Say how many rows of what are anomalous according to whom."""
    source = f"**{escape(report.source)}**"
    detector = escape(report.detector)
    according = f"anomalous according to {detector}"
    if not report.n_anomalies:
        return f"None of the {report.rows_scored:,} rows of {source} is {according}"
    verb = "is" if report.n_anomalies == 1 else "are"
    share = percent(report.n_anomalies / report.rows_scored)
    return (
        f"{report.n_anomalies:,} of {report.rows_scored:,} rows ({share}) of {source} "
        f"{verb} {according}"
    )


def threshold_choice(threshold: ThresholdFacts) -> str:
    """Say how the threshold was chosen and what that promises."""
    if threshold.policy == "fixed":
        return "fixed by whoever asked for the detection"
    share = percent(threshold.parameter)
    if threshold.policy == "contamination":
        return f"contamination {share}: the {share} of rows that score highest are flagged"
    return f"false-alarm rate {share}: {_one_in(threshold.parameter)} is flagged"


def _one_in(rate: float) -> str:
    rows = 1 / rate
    if rows < 10:
        return f"at most about {percent(rate)} of clean rows"
    return f"at most about 1 in {rows:,.0f} clean rows"


def clean_rows_like_it(p_value: float | None, clean_rows: int | None) -> str:
    """Say how often a clean row scores as high: 1 in 300; at most 1 in 2,001."""
    if p_value is None:
        return NOTHING
    if p_value > 0.1:
        return percent(p_value)
    least = clean_rows is not None and p_value * (clean_rows + 1) < 1.5
    return f"{'under ' if least else ''}1 in {1 / p_value:,.0f}"


def standing_out(
    values: tuple[RowValue, ...], typical: dict[str, tuple[float, float]], most: int = 3
) -> str:
    """Name the values of a row that stand out, with what is typical of their columns."""
    by_size = sorted(values, key=lambda value: -abs(value.z))
    extreme = [value for value in by_size if abs(value.z) > EXTREME_Z]
    if not by_size:
        return NOTHING
    if not extreme:
        nearest = _in_words(by_size[0], typical)
        return f"no single value, but their combination; the furthest is {nearest}"
    more = len(extreme) - most
    words = "; ".join(_in_words(value, typical) for value in extreme[:most])
    return f"{words}; and {counted(more, 'more value')}" if more > 0 else words


def _in_words(value: RowValue, typical: dict[str, tuple[float, float]]) -> str:
    arrow = "▲" if value.z > 0 else "▼"
    known = typical.get(value.column)
    usual = f", typically {number(known[0])} to {number(known[1])}" if known else ""
    return f"{arrow} **{escape(value.column)}** = {shown(value.value)} (z {value.z:+.3g}{usual})"


def shown(value: float | str | bool | None) -> str:
    """Return a value of a row as markdown."""
    if value is None:
        return "missing"
    if isinstance(value, (bool, str)):
        return escape(value, 40)
    return number(value)
