"""Which values of the strongest anomalies are far out, as a table of coloured cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reports.charts.canvas import HIGH, LOW, TEXT, drawable, new_figure, quieten, to_png
from reports.facts import EXTREME_Z

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Beyond this the colour does not deepen; one value of z = 400 would bleach all others.
_FULL_COLOUR = 12.0


def heat_table(
    row_names: Sequence[str], columns: Sequence[str], z: Sequence[Sequence[float | None]]
) -> bytes:
    """Draw robust z-scores as a PNG.

    Args:
        row_names: one for each row.
        columns: names of the columns.
        z: rows of z-scores, one for each column; None where there is no value.
    """
    figure = new_figure(0.75 + 0.25 * len(row_names))
    axes = figure.add_subplot()
    quieten(axes)
    axes.spines["bottom"].set_visible(False)
    for y, line in enumerate(z):
        for x, value in enumerate(line):
            if value is not None:
                _draw_cell(axes, x, y, value)
    axes.set_xlim(-0.5, len(columns) - 0.5)
    axes.set_ylim(len(row_names) - 0.5, -0.5)
    axes.set_yticks(range(len(row_names)), [drawable(name) for name in row_names], parse_math=False)
    axes.set_xticks(
        range(len(columns)),
        [drawable(name) for name in columns],
        rotation=35,
        ha="left",
        rotation_mode="anchor",
        parse_math=False,
    )
    axes.xaxis.tick_top()
    axes.tick_params(axis="x", pad=1)
    return to_png(figure)


def _draw_cell(axes: Axes, x: int, y: int, z: float) -> None:
    from matplotlib.patches import Rectangle

    strength = min(abs(z) / _FULL_COLOUR, 1.0)
    extreme = abs(z) > EXTREME_Z
    axes.add_patch(
        Rectangle(
            (x - 0.48, y - 0.46),
            0.96,
            0.92,
            color=HIGH if z > 0 else LOW,
            alpha=0.25 + 0.75 * strength if extreme else 0.5 * strength,
            linewidth=0,
        )
    )
    axes.text(
        x,
        y,
        signed(z),
        ha="center",
        va="center_baseline",
        fontsize=8,
        color="white" if strength > 0.6 else TEXT,
        fontweight="bold" if extreme else "normal",
    )


def signed(z: float) -> str:
    """Return a z-score in few characters: +5.2, -14, +3e+05."""
    if abs(z) < 9.95:
        return f"{z:+.1f}"
    return f"{z:+.0f}" if abs(z) < 99_999 else f"{z:+.0e}"
