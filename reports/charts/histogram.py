"""The distribution of scores, with the threshold and the part beyond it."""

from bisect import bisect_right
from itertools import pairwise

from reports.charts.canvas import ANOMALY, GRID, NORMAL, TEXT, add_axes, new_figure, to_png
from reports.facts import ScoreHistogram
from reports.numbers import counted, number

# A bar of this share of the tallest can still be seen on a linear axis.
_VISIBLE = 0.02
# Share of the axis that a bar takes at least, however narrow its bin.
_NARROWEST = 0.004

Bar = tuple[float, float, int]  # left, right, count


def score_histogram(histogram: ScoreHistogram, threshold: float, n_anomalies: int) -> bytes:
    """Draw the histogram as a PNG.

    Args:
        histogram: of all scores.
        threshold: the bin it falls into is cut there.
        n_anomalies: rows above the threshold.
    """
    from matplotlib.ticker import MaxNLocator

    below, above = split_bars(histogram, threshold, n_anomalies)
    figure = new_figure(2.6)
    axes = add_axes(figure, left=0.7, bottom=0.55, right=0.2, top=0.45)
    axes.set_xlim(*_limits(histogram, threshold))
    for bars, colour in ((below, NORMAL), (above, ANOMALY)):
        axes.bar(
            [left for left, _, _ in bars],
            [count for _, _, count in bars],
            width=[0.92 * (right - left) for left, right, _ in bars],
            align="edge",
            color=colour,
            linewidth=0,
        )
    axes.axvline(threshold, color=ANOMALY, linewidth=1.2)
    log = _needs_log([count for _, _, count in below + above])
    if log:
        axes.set_yscale("log")
        axes.set_ylim(bottom=0.5)
        axes.minorticks_off()
    else:
        axes.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10], integer=True))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, _: number(value))
    axes.yaxis.grid(True, color=GRID, linewidth=0.8)
    axes.spines["bottom"].set(visible=True, color=TEXT)
    scale = "; rows on a log scale" if log else ""
    axes.set_xlabel(f"score, higher is more anomalous{scale}", color=TEXT, fontsize=9)

    limit = number(threshold)
    title = {"fontsize": 9.5, "fontweight": "bold"}
    normal = f"{counted(sum(histogram.counts) - n_anomalies, 'row')} up to {limit}"
    anomalous = f"{counted(n_anomalies, 'anomaly', 'anomalies')} above {limit}"
    axes.set_title(normal, title, loc="left", color=NORMAL)
    axes.set_title(anomalous, title, loc="right", color=ANOMALY)
    return to_png(figure)


def split_bars(
    histogram: ScoreHistogram, threshold: float, n_anomalies: int
) -> tuple[list[Bar], list[Bar]]:
    """Return the bars up to the threshold and those beyond it; their counts add up."""
    edges, counts = histogram.edges, histogram.counts
    bins = [(left, right, n) for (left, right), n in zip(pairwise(edges), counts, strict=True)]
    cut = bisect_right(edges, threshold) - 1
    if cut < 0:
        return [], bins
    if cut >= len(bins):
        return bins, []
    left, right, count = bins[cut]
    beyond = n_anomalies - sum(count for _, _, count in bins[cut + 1 :])
    narrowest = _NARROWEST * (edges[-1] - edges[0])
    last_below = (min(left, threshold - narrowest), threshold, count - beyond)
    first_above = (threshold, max(right, threshold + narrowest), beyond)
    return [*bins[:cut], last_below], [first_above, *bins[cut + 1 :]]


def _limits(histogram: ScoreHistogram, threshold: float) -> tuple[float, float]:
    """Return the ends of the axis: all scores, and the threshold unless it is far away."""
    low, high = histogram.edges[0], histogram.edges[-1]
    width = high - low
    if low - width <= threshold <= high + width:
        low, high = min(low, threshold), max(high, threshold)
    return low - 0.02 * width, high + 0.02 * width


def _needs_log(counts: list[int]) -> bool:
    drawn = [count for count in counts if count]
    return min(drawn) < _VISIBLE * max(drawn)
