"""Bars with a name and a figure each, from the top down."""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.charts.canvas import ANOMALY, NORMAL, TEXT, add_axes, drawable, new_figure, to_png

_ROW = 0.27  # inches


@dataclass(frozen=True)
class Bar:
    """One bar.

    Attributes:
        name: left of it.
        length: of the bar, at least 0.
        figure: right of it.
        part: of the length, drawn in orange from the left.
    """

    name: str
    length: float
    figure: str
    part: float = 0.0


def bar_chart(bars: Sequence[Bar]) -> bytes:
    """Draw at least one bar as a PNG."""
    figure = new_figure(0.2 + _ROW * len(bars))
    axes = add_axes(figure, left=1.75, bottom=0.1, right=1.3, top=0.1)
    lines = range(len(bars))
    axes.barh(lines, [bar.length for bar in bars], height=0.66, color=NORMAL, linewidth=0)
    axes.barh(lines, [bar.part for bar in bars], height=0.66, color=ANOMALY, linewidth=0)
    longest = max(bar.length for bar in bars) or 1.0
    axes.set_xlim(0, longest)
    axes.set_ylim(len(bars) - 0.5, -0.5)
    axes.set_xticks([])
    axes.set_yticks(lines, [drawable(bar.name, 24) for bar in bars], parse_math=False)
    for line, bar in enumerate(bars):
        place = bar.length + 0.012 * longest
        text = drawable(bar.figure, 24)
        axes.text(
            place, line, text, color=TEXT, fontsize=8.5, va="center_baseline", parse_math=False
        )
    return to_png(figure)
