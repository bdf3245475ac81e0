"""The scores of two detectors for the same rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from reports.charts.canvas import (
    ABOVE,
    ANOMALY,
    BELOW,
    GRID,
    TEXT,
    add_axes,
    drawable,
    new_figure,
    to_png,
)
from reports.charts.score_axis import ScoreAxis, spread_edges
from reports.comparison_facts import ScorePairs
from reports.numbers import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def score_scatter(scores: ScorePairs, thresholds: tuple[float, float]) -> bytes:
    """Draw a point a row as a PNG: pale if none flags it, orange if one does, dark if both do.

    Args:
        scores: of at least one row.
        thresholds: of the first and of the second detector.
    """
    figure = new_figure(4.2)
    axes = add_axes(figure, left=0.95, bottom=0.55, right=0.25, top=0.2)
    x, horizontal = _places(scores.first_scores)
    y, vertical = _places(scores.second_scores)
    flagged = [
        (a > thresholds[0]) + (b > thresholds[1])
        for a, b in zip(scores.first_scores, scores.second_scores, strict=True)
    ]
    for by, size, colour in ((0, 7, BELOW[1]), (1, 14, ABOVE[2]), (2, 30, ANOMALY)):
        chosen = [i for i, count in enumerate(flagged) if count == by]
        axes.scatter([x[i] for i in chosen], [y[i] for i in chosen], size, colour, linewidths=0)
    axes.axvline(horizontal.place(thresholds[0]), color=ANOMALY, linewidth=1)
    axes.axhline(vertical.place(thresholds[1]), color=ANOMALY, linewidth=1)
    axes.set_xlim(*horizontal.limits(thresholds[0]))
    axes.set_ylim(*vertical.limits(thresholds[1]))
    _name(axes, "x", scores.first, horizontal)
    _name(axes, "y", scores.second, vertical)
    return to_png(figure)


def _places(scores: tuple[float, ...]) -> tuple[list[float], ScoreAxis]:
    axis = ScoreAxis(spread_edges(scores))
    return [axis.place(score) for score in scores], axis


def _name(axes: Axes, which: Literal["x", "y"], label: str, axis: ScoreAxis) -> None:
    ticks = axis.ticks()
    note = "" if axis.even else "; steps of unequal size"
    name = f"score of {drawable(label, 30)}{note}"
    axes.set(**{f"{which}ticks": [axis.place(tick) for tick in ticks]})
    axes.set(**{f"{which}ticklabels": [number(tick) for tick in ticks]})
    text = axes.set_xlabel(name) if which == "x" else axes.set_ylabel(name)
    text.set(color=TEXT, fontsize=9, parse_math=False)
    axes.grid(True, axis=which, color=GRID, linewidth=0.8)
