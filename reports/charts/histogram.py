"""The distribution of scores, with the threshold and the part beyond it."""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING

from reports.charts.canvas import ANOMALY, GRID, NORMAL, TEXT, new_figure, quieten, to_png
from reports.facts import ScoreHistogram
from reports.numbers import counted, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# A bar of this share of the tallest can still be seen on a linear axis.
_VISIBLE = 0.02

Bar = tuple[float, float, int]


def score_histogram(histogram: ScoreHistogram, threshold: float, n_anomalies: int) -> bytes:
    """Draw the histogram as a PNG.

    Args:
        histogram: of all scores.
        threshold: the bin it falls into is cut there.
        n_anomalies: rows above the threshold.
    """
    normal, anomalous = split_bars(histogram, threshold, n_anomalies)
    figure = new_figure(2.9)
    axes = figure.add_subplot()
    quieten(axes)
    for bars, colour in ((normal, NORMAL), (anomalous, ANOMALY)):
        axes.bar(
            [left for left, _, _ in bars],
            [count for _, _, count in bars],
            width=[(right - left) * 0.92 for left, right, _ in bars],
            align="edge",
            color=colour,
            linewidth=0,
        )
    counts = [count for _, _, count in (*normal, *anomalous) if count]
    if counts and min(counts) < _VISIBLE * max(counts):
        axes.set_yscale("log")
        axes.set_ylim(0.7, 1.6 * max(counts))
        axes.minorticks_off()
        axes.set_ylabel("rows (log scale)", color=TEXT, fontsize=9)
    else:
        axes.set_ylabel("rows", color=TEXT, fontsize=9)
    axes.yaxis.set_major_formatter(lambda value, _: number(value))
    axes.yaxis.grid(True, color=GRID, linewidth=0.8)
    axes.set_xlabel("score (higher is more anomalous)", color=TEXT, fontsize=9)
    axes.axvline(threshold, color=ANOMALY, linewidth=1.4)
    _label_sides(axes, threshold, sum(histogram.counts) - n_anomalies, n_anomalies)
    return to_png(figure)


def split_bars(
    histogram: ScoreHistogram, threshold: float, n_anomalies: int
) -> tuple[list[Bar], list[Bar]]:
    """Return the bars (left, right, count) up to the threshold, and those beyond it."""
    edges, counts = histogram.edges, histogram.counts
    bins = [(*sides, count) for sides, count in zip(pairwise(edges), counts, strict=True)]
    cut = bisect_right(edges, threshold) - 1
    if cut < 0 or cut >= len(bins):
        return ([], bins) if cut < 0 else (bins, [])
    left, right, count = bins[cut]
    beyond = n_anomalies - sum(count for _, _, count in bins[cut + 1 :])
    below = [*bins[:cut], (left, threshold, count - beyond)]
    return below, [(threshold, right, beyond), *bins[cut + 1 :]]


def _label_sides(axes: Axes, threshold: float, n_normal: int, n_anomalies: int) -> None:
    """Write the count of each side next to the line, above the plot."""
    normal = f"{counted(n_normal, 'row')} up to {number(threshold)}  "
    anomalous = f"  {counted(n_anomalies, 'anomaly', 'anomalies')} above"
    for side, text, colour in (("right", normal, NORMAL), ("left", anomalous, ANOMALY)):
        axes.text(
            threshold,
            1.03,
            text,
            transform=axes.get_xaxis_transform(),
            fontsize=9.5,
            color=colour,
            ha=side,
        )
