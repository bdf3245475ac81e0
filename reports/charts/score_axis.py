"""Where a score is on an axis on which all bins of a histogram are as wide.

One score of a million leaves no room for the others on an axis of equal steps. Bins of unequal
size, drawn equally wide, keep them apart, and bins of equal size give an ordinary axis.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

_BINS = 60
_LONG_TAIL = 30.0  # interquartile ranges from the median
_ROOM = 7.0  # bins that the label of a tick takes
_FURTHEST = 20.0  # bins beyond the last score at which a threshold is still drawn


def spread_edges(scores: Sequence[float]) -> tuple[float, ...]:
    """Return edges of bins over all of the scores, for a chart that draws each of them.

    The bins are of equal size or, where a tail is long, grow from the median to its end.
    """
    import numpy as np

    low, lower, middle, upper, high = np.quantile(scores, [0, 0.25, 0.5, 0.75, 1])
    unit = upper - lower
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        ends = np.arcsinh(np.array([low - middle, high - middle]) / unit)
        long_tail = unit > 0 and np.arcsinh(_LONG_TAIL) < np.abs(ends).max() < np.inf
    if long_tail:
        edges = middle + unit * np.sinh(np.linspace(ends[0], ends[1], _BINS + 1))
        edges[[0, -1]] = low, high
    else:
        edges = 2 * np.linspace(low / 2, high / 2, _BINS + 1)
    if (np.diff(edges / 2) > 0).all():
        return tuple(edges.tolist())
    reach = max(abs(low), abs(high), 1.0) / 2
    return (float(low - reach), float(high + reach))


class ScoreAxis:
    """Places scores among the bins of a histogram.

    Attributes:
        even: whether all bins are of the same size.
    """

    def __init__(self, edges: tuple[float, ...]) -> None:
        self._edges = edges
        # Halves: the range of float64 is twice as wide as its largest number.
        widths = [right / 2 - left / 2 for left, right in pairwise(edges)]
        self.even = max(widths) <= 1.01 * min(widths)

    def place(self, score: float) -> float:
        """Return the position of ``score`` in bins from the first edge, which is 0."""
        edges = self._edges
        left = min(max(bisect_right(edges, score) - 1, 0), len(edges) - 2)
        start, end = edges[left] / 2, edges[left + 1] / 2
        return left + (score / 2 - start) / (end - start)

    def limits(self, threshold: float) -> tuple[float, float]:
        """Return the ends of the axis: all scores, and the threshold unless it is far away."""
        low, high = 0.0, float(len(self._edges) - 1)
        place = self.place(threshold)
        if low - _FURTHEST <= place <= high + _FURTHEST:
            low, high = min(low, place), max(high, place)
        margin = 0.02 * (high - low)
        return low - margin, high + margin

    def ticks(self) -> list[float]:
        """Return round scores within the bins, far enough apart to be labelled."""
        from matplotlib.ticker import MaxNLocator

        low, high = self._edges[0], self._edges[-1]
        if self.even:
            steps = MaxNLocator(nbins=8, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
            last = len(self._edges) - 1
            return [float(tick) for tick in steps if -0.01 <= self.place(tick) <= last + 0.01]
        chosen: list[float] = []
        for score in self._powers_of_ten():
            place = self.place(score)
            if all(abs(place - self.place(other)) >= _ROOM for other in chosen):
                chosen.append(score)
        return chosen

    def _powers_of_ten(self) -> list[float]:
        """Return 0 and the powers of ten within the bins, the largest first."""
        low, high = self._edges[0], self._edges[-1]
        largest = math.floor(math.log10(max(abs(low), abs(high))))
        powers = [10.0**exponent for exponent in range(largest, max(largest - 12, -300), -1)]
        ladder = [signed for power in powers for signed in (power, -power)]
        return [score for score in [*ladder, 0.0] if low <= score <= high]
