"""What the table holds, column by column."""

from collections import Counter, defaultdict
from itertools import islice

from reports.facts import EXTREME_Z, ColumnFacts, DetectionReport
from reports.markdown import bold, bullets, escape, glue, table
from reports.numbers import counted, number, percent, span
from reports.sentences import names

_SHOWN = 40
_LINES = 20
_BAR = 6  # characters


def column_sections(report: DetectionReport) -> list[str]:
    """Return the watched columns, those left out, and the profile of the data."""
    return [*_watched(report), *_left_out(report), "## Data", bullets(_profile(report))]


def _watched(report: DetectionReport) -> list[str]:
    watched = [column for column in report.columns if column.watched]
    if not watched:
        return []
    ranked = sorted(watched, key=lambda column: (-column.extreme_anomalies, -column.missing))
    headers = ["Column", "Extreme in", "Typical", "Median", "Min to max", "Missing", "Type"]
    sections = [
        "## Columns",
        f"*Extreme in*: how many of the {counted(report.n_anomalies, 'anomaly', 'anomalies')} have "
        "a value in the column that is itself out of the typical range "
        f"(robust z beyond {EXTREME_Z:g}).",
        table(headers, [_row(column, report) for column in ranked[:_SHOWN]]),
    ]
    if len(ranked) > _SHOWN:
        sections.append(f"And {counted(len(ranked) - _SHOWN, 'more column')}.")
    return sections


def _row(column: ColumnFacts, report: DetectionReport) -> list[str]:
    return [
        escape(column.name),
        glue(f"{column.extreme_anomalies:,} {_bar(column.extreme_anomalies, report.n_anomalies)}"),
        span(column.typical or (None, None), 3),
        number(column.median, 3),
        span((column.minimum, column.maximum), 3),
        glue(percent(column.missing / report.rows_read)),
        escape(column.dtype),
    ]


def _bar(count: int, of: int) -> str:
    """Return a bar as long as the share; anything above zero can be seen."""
    return "━" * max(1, round(_BAR * count / of)) if count else ""


def _left_out(report: DetectionReport) -> list[str]:
    if not report.left_out:
        return []
    by_reason = defaultdict(list)
    for name, reason in report.left_out.items():
        by_reason[reason].append(name)
    lines = [
        f"{names(columns)}: {escape(reason, 200)}"
        for reason, columns in islice(by_reason.items(), _LINES)
    ]
    title = f"## {counted(len(report.left_out), 'column')} left out"
    return [title, bullets([*lines, *_more(len(by_reason))])]


def _profile(report: DetectionReport) -> list[str]:
    dtypes = Counter(column.dtype for column in report.columns)
    kinds = [f"{count:,} {escape(dtype)}" for dtype, count in dtypes.most_common()]
    lines = [
        f"{counted(report.rows_read, 'row')}; {counted(len(report.columns), 'column')}: "
        + ", ".join(kinds[:_LINES]),
        *(escape(notice, 400) for notice in report.notices),
        _cells("missing value", {c.name: c.missing for c in report.columns}),
        _cells("infinite value", {c.name: c.infinite for c in report.columns}),
    ]
    if report.rows_scored < report.rows_read:
        dropped = counted(report.rows_read - report.rows_scored, "row")
        lines.append(f"{dropped} with missing values dropped, not scored")
    constant = [column.name for column in report.columns if column.constant]
    if constant:
        lines.append(f"One value only: {names(constant)}")
    noted = [column for column in report.columns if column.note is not None]
    notes = [f"{bold(column.name)}: {escape(column.note, 200)}" for column in noted[:_LINES]]
    return [*lines, *notes, *_more(len(noted))]


def _cells(what: str, by_column: dict[str, int]) -> str:
    affected = sorted((name for name in by_column if by_column[name]), key=lambda n: -by_column[n])
    total = counted(sum(by_column.values()), what)
    return f"{total}, in {names(affected)}" if affected else f"No {what}s"


def _more(lines: int) -> list[str]:
    """Return a line that says how many were not shown, if any."""
    return [f"and {lines - _LINES:,} more"] if lines > _LINES else []
