"""The chart of the values of the strongest rows."""

from collections import defaultdict
from collections.abc import Sequence

from reports.charts.heat_table import STEPS, HeatColumn, heat_table
from reports.facts import RowValue
from reports.markdown import image
from reports.numbers import span
from reports.sections.row_keys import Row
from reports.sentences import Typical, short

_COLUMNS = 8


def value_chart(top: Sequence[Row], typical: Typical) -> list[str]:
    """Return a chart of the columns in which these rows stand out, and what it shows in words."""
    if not any(row.values for row in top):
        return []
    rows = [{value.column: value for value in row.values} for row in top]
    chosen = _columns_that_stand_out(rows)
    columns = [
        HeatColumn(
            name=name,
            typical=span(typical[name], 2) if name in typical else "",
            texts=tuple(short(row[name].value) if name in row else "" for row in rows),
            z=tuple(row[name].z if name in row else 0.0 for row in rows),
        )
        for name in chosen
    ]
    slight, clear, far = STEPS
    caption = (
        "Their values in the columns that set them apart; orange is above and blue is below what "
        f"is typical, in three steps (robust z beyond {slight:g}, {clear:g} and {far:g})"
    )
    if any(name not in row for name in chosen for row in rows):
        caption += "; an empty cell is not among the values of its row that stand out most"
    chart = heat_table([_row_name(row) for row in top], columns)
    alt = f"Values of {len(top)} rows in {len(chosen)} columns"
    return [f"{caption}:", image(chart, alt)]


def _columns_that_stand_out(rows: list[dict[str, RowValue]]) -> list[str]:
    weight: dict[str, float] = defaultdict(float)
    for row in rows:
        for name, value in row.items():
            # Capped: a column is of interest when many rows stand out in it, not one by far.
            weight[name] += min(abs(value.z), STEPS[-1])
    return sorted(weight, key=lambda name: -weight[name])[:_COLUMNS]


def _row_name(row: Row) -> str:
    return f"{row.rank} · {' '.join(row.key.values()) or f'row {row.row}'}"
