"""The values of the strongest anomalies, coloured by how far out they are."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reports.charts.canvas import ABOVE, BELOW, PANEL, TEXT, add_axes, drawable, new_figure, to_png
from reports.facts import EXTREME_Z

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# |z| at which the next colour begins. Steps can be named in the text, a gradient cannot.
STEPS = (EXTREME_Z, 2 * EXTREME_Z, 4 * EXTREME_Z)

_ROW = 0.24  # inches
_TYPICAL = 1.7  # rows
_FEWEST = 5  # columns whose width is shared out, so that two columns are not half a page each


@dataclass(frozen=True)
class HeatColumn:
    """One column of the chart.

    Attributes:
        name: above the cells.
        typical: above the cells, the range to compare them with; empty when there is none.
        texts: what the cells show, one for each row.
        z: robust z-scores, one for each row.
    """

    name: str
    typical: str
    texts: tuple[str, ...]
    z: tuple[float, ...]


def heat_table(row_names: Sequence[str], columns: Sequence[HeatColumn]) -> bytes:
    """Draw the values as a PNG."""
    from matplotlib.colors import to_rgb

    n_rows, n_columns = len(row_names), len(columns)
    names = [drawable(column.name, 22) for column in columns]
    head = 0.25 + 0.042 * max(map(len, names), default=0)
    figure = new_figure(head + _ROW * (_TYPICAL + n_rows) + 0.1)
    axes = add_axes(figure, left=1.35, bottom=0.1, right=0.7, top=head)
    axes.set_xlim(0, max(n_columns, _FEWEST))
    axes.set_ylim(n_rows, -_TYPICAL)
    axes.set_xticks([])
    axes.set_yticks(
        [-_TYPICAL / 2, *(row + 0.5 for row in range(n_rows))],
        ["typical", *(drawable(name, 18) for name in row_names)],
        parse_math=False,
    )
    if columns:
        colours = [[to_rgb(_colour(column.z[row])) for column in columns] for row in range(n_rows)]
        axes.pcolormesh(colours, edgecolors=PANEL, linewidth=1.5)
    for place, (name, column) in enumerate(zip(names, columns, strict=True)):
        _write_column(axes, place + 0.5, name, column)
    return to_png(figure)


def _write_column(axes: Axes, centre: float, name: str, column: HeatColumn) -> None:
    text: dict[str, Any] = {"color": TEXT, "parse_math": False}
    slanted = {"fontsize": 8.5, "rotation": 40, "rotation_mode": "anchor", **text}
    middle = {"ha": "center", "va": "center_baseline", **text}
    axes.text(centre - 0.2, -_TYPICAL - 0.1, name, **slanted)
    typical = column.typical.replace(" to ", " to\n")
    axes.text(centre, -_TYPICAL / 2, typical, fontsize=7.5, **middle)
    for row, (value, z) in enumerate(zip(column.texts, column.z, strict=True)):
        weight = "bold" if abs(z) > EXTREME_Z else "normal"
        axes.text(centre, row + 0.5, drawable(value, 9), fontsize=8, fontweight=weight, **middle)


def _colour(z: float) -> str:
    step = bisect_left(STEPS, abs(z))
    if step == 0:
        return PANEL
    return (ABOVE if z > 0 else BELOW)[step - 1]
