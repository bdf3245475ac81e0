"""Which rows the detectors of a comparison flag, those agreed on most first."""

from collections.abc import Sequence

from reports.comparison_facts import AgreedRow, ComparisonReport, succeeded
from reports.markdown import bullets, escape, glue, table
from reports.numbers import number, percent
from reports.sections.row_keys import (
    KNOWN_MEANING,
    any_labelled,
    key_cells,
    key_headers,
    key_names,
    known_cell,
)
from reports.sections.value_chart import value_chart
from reports.sentences import standing_out

_TOP = 20
_NAMED = 4  # detectors


def row_sections(report: ComparisonReport) -> list[str]:
    """Return the table of the rows agreed on most, and the chart of their values."""
    top = report.rows[:_TOP]
    if not top:
        return []
    keys = key_names(top)
    labelled = any_labelled(top)
    headers = ["#", *key_headers(keys), "Level", "Confidence", "Mean rank"]
    headers += [
        *(["Known"] if labelled else []),
        "Flagged by",
        "Values that stand out (typical range)",
    ]
    labels = [one.label for one in succeeded(report.detectors)]
    lines = [
        [
            f"{row.rank:,}",
            *key_cells(row, keys),
            row.level,
            glue(percent(row.confidence)),
            number(row.mean_rank),
            *([known_cell(row)] if labelled else []),
            _detectors(row, labels),
            standing_out(row.values, report.typical),
        ]
        for row in top
    ]
    flagged = sum(level.rows for level in report.levels)
    title = "Flagged rows" if flagged <= _TOP else f"The {_TOP} rows agreed on most"
    legend = [
        "*Confidence*: the share of the detectors that flag the row. *Mean rank*: of its scores, "
        "over all of the detectors; 1 would be the strongest row of each.",
        *([KNOWN_MEANING] if labelled else []),
    ]
    return [
        f"## {title}",
        table(headers, lines),
        bullets(legend),
        *value_chart(top, report.typical),
    ]


def _detectors(row: AgreedRow, labels: Sequence[str]) -> str:
    missing = [label for label in labels if label not in row.detectors]
    if not missing:
        return "all"
    if len(missing) < len(row.detectors) and len(missing) <= _NAMED:
        return f"all but {', '.join(map(escape, missing))}"
    shown = ", ".join(map(escape, row.detectors[:_NAMED]))
    more = len(row.detectors) - _NAMED
    return f"{shown} and {more} more" if more > 0 else shown
