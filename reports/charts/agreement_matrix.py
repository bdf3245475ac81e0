"""How alike detectors are, two by two."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

from reports.charts.canvas import ABOVE, BELOW, PANEL, TEXT, add_axes, drawable, new_figure, to_png
from reports.comparison_facts import PairFacts

# From which value on a cell has the next colour.
STEPS = (0.5, 0.8, 0.95)

_ROW = 0.3  # inches
_FEWEST = 6  # cells whose width is shared out, so that two detectors are not half a page each


def agreement_matrix(labels: Sequence[str], pairs: Sequence[PairFacts]) -> bytes:
    """Draw Spearman below the diagonal and Jaccard, where there is one, above it, as a PNG.

    Args:
        labels: of two to twelve detectors.
        pairs: each two of them, once.
    """
    from matplotlib.colors import to_rgb

    n = len(labels)
    names = [drawable(label, 22) for label in labels]
    head = 0.25 + 0.055 * max(map(len, names))
    figure = new_figure(head + _ROW * n + 0.1)
    axes = add_axes(figure, left=1.75, bottom=0.1, right=0.9, top=head)
    axes.set_xlim(0, max(n, _FEWEST))
    axes.set_ylim(n, 0)
    axes.set_xticks([])
    axes.set_yticks([row + 0.5 for row in range(n)], names, parse_math=False)
    colours = [[to_rgb(PANEL)] * n for _ in range(n)]
    middle: dict[str, Any] = {"ha": "center", "va": "center_baseline", "color": TEXT}
    for pair in pairs:
        first, second = sorted((labels.index(pair.first), labels.index(pair.second)))
        cells = ((second, first, pair.spearman, BELOW), (first, second, pair.jaccard, ABOVE))
        for row, column, value, tints in cells:
            if value is None:
                continue
            colours[row][column] = to_rgb(_colour(value, tints))
            axes.text(column + 0.5, row + 0.5, f"{value:.2f}", fontsize=8.5, **middle)
    axes.pcolormesh(colours, edgecolors=PANEL, linewidth=1.5)
    slanted: dict[str, Any] = {"rotation": 40, "rotation_mode": "anchor", "parse_math": False}
    for column, name in enumerate(names):
        axes.text(column + 0.3, -0.15, name, fontsize=8.5, color=TEXT, **slanted)
    return to_png(figure)


def _colour(value: float, tints: tuple[str, ...]) -> str:
    return (PANEL, *tints)[bisect_right(STEPS, value)]
