"""The distribution of scores, with the threshold and the part beyond it."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from reports.charts.canvas import ANOMALY, GRID, NORMAL, TEXT, add_axes, new_figure, to_png
from reports.charts.score_axis import ScoreAxis
from reports.facts import ScoreHistogram
from reports.numbers import counted, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# A bar of this share of the tallest can still be seen on a linear axis.
_VISIBLE = 0.02
_NARROWEST = 0.25  # of a bin, what the threshold leaves of it at least

Bar = tuple[float, float, int]  # left and right in bins, rows


def score_histogram(histogram: ScoreHistogram, threshold: float, n_anomalies: int) -> bytes:
    """Draw the histogram as a PNG, all bins as wide on paper.

    Args:
        histogram: of all scores.
        threshold: the bin it falls into is cut there.
        n_anomalies: rows above the threshold.
    """
    axis = ScoreAxis(histogram.edges)
    below, above = split_bars(histogram, threshold, n_anomalies)
    figure = new_figure(2.6)
    axes = add_axes(figure, left=0.7, bottom=0.55, right=0.2, top=0.45)
    axes.set_xlim(*axis.limits(threshold))
    for bars, colour in ((below, NORMAL), (above, ANOMALY)):
        axes.bar(
            [left for left, _, _ in bars],
            [count for _, _, count in bars],
            width=[0.92 * (right - left) for left, right, _ in bars],
            align="edge",
            color=colour,
            linewidth=0,
        )
    axes.axvline(axis.place(threshold), color=ANOMALY, linewidth=1.2)
    ticks = axis.ticks()
    axes.set_xticks([axis.place(tick) for tick in ticks], [number(tick) for tick in ticks])
    axes.spines["bottom"].set(visible=True, color=TEXT)
    notes = [] if axis.even else ["; steps of unequal size"]
    if _scale_rows(axes, [count for _, _, count in below + above]):
        notes.append("; rows on a log scale")
    label = "score, higher is more anomalous" + "".join(notes)
    axes.set_xlabel(label, color=TEXT, fontsize=9)
    _name_sides(axes, threshold, sum(histogram.counts) - n_anomalies, n_anomalies)
    return to_png(figure)


def split_bars(
    histogram: ScoreHistogram, threshold: float, n_anomalies: int
) -> tuple[list[Bar], list[Bar]]:
    """Return the bars up to the threshold and those beyond it; their counts add up."""
    bars: list[Bar] = [(i, i + 1, count) for i, count in enumerate(histogram.counts)]
    cut = bisect_right(histogram.edges, threshold) - 1
    if cut < 0:
        return [], bars
    if cut >= len(bars):
        return bars, []
    beyond = n_anomalies - sum(histogram.counts[cut + 1 :])
    place = ScoreAxis(histogram.edges).place(threshold)
    last_below = (min(cut, place - _NARROWEST), place, histogram.counts[cut] - beyond)
    first_above = (place, max(cut + 1, place + _NARROWEST), beyond)
    return [*bars[:cut], last_below], [first_above, *bars[cut + 1 :]]


def _scale_rows(axes: Axes, counts: list[int]) -> bool:
    """Choose the scale of the rows; return whether it is logarithmic."""
    from matplotlib.ticker import MaxNLocator

    drawn = [count for count in counts if count]
    log = min(drawn) < _VISIBLE * max(drawn)
    if log:
        axes.set_yscale("log")
        axes.set_ylim(bottom=0.5)
        axes.minorticks_off()
    else:
        axes.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10], integer=True))
    axes.yaxis.set_major_formatter(lambda value, _: number(value))
    axes.yaxis.grid(True, color=GRID, linewidth=0.8)
    return log


def _name_sides(axes: Axes, threshold: float, n_normal: int, n_anomalies: int) -> None:
    limit = number(threshold)
    font = {"fontsize": 9.5, "fontweight": "bold"}
    normal = f"{counted(n_normal, 'row')} up to {limit}"
    anomalous = f"{counted(n_anomalies, 'anomaly', 'anomalies')} above {limit}"
    axes.set_title(normal, font, loc="left", color=NORMAL)
    axes.set_title(anomalous, font, loc="right", color=ANOMALY)
