"""The distribution of scores that come in parts, the same whatever the parts."""

from dataclasses import dataclass, replace
from math import inf
from typing import Self

import numpy as np
from numpy.typing import NDArray

from detectors.score_summary import QUANTILES, ScoreSummary, histogram_edges, summarise_scores
from detectors.validation import Vector

# Of the bits of a score, all but these tell its bin: sign, exponent and 12 bits of the mantissa.
# A bin is a 4,096th of the power of two below it wide.
_DROPPED = np.uint64(40)
_SIGN = np.uint64(1 << 63)


@dataclass(frozen=True)
class ScoreTally:
    """How many scores lie in each of very many bins; the tallies of two parts add up to both's.

    A bin holds the scores that agree in their first 13 binary digits, so that quantiles are right
    to 1 part in 8,192, whatever the range of the scores. Only bins with a score take memory.

    Attributes:
        bins: numbers of the bins, ascending: of greater scores, greater.
        counts: scores in each.
        low: the lowest score; infinity where there is none.
        high: the highest; minus infinity likewise.
    """

    bins: NDArray[np.uint64]
    counts: NDArray[np.int64]
    low: float
    high: float

    @classmethod
    def of(cls, scores: Vector) -> Self:
        """Count finite ``scores``, shape (n,)."""
        bins, counts = np.unique(_bin_of(scores), return_counts=True)
        low, high = scores.min(initial=inf), scores.max(initial=-inf)
        return cls(bins, counts.astype(np.int64), float(low), float(high))

    def __add__(self, other: "ScoreTally") -> "ScoreTally":
        """Return the tally of both parts together."""
        bins, places = np.unique(np.concatenate([self.bins, other.bins]), return_inverse=True)
        counts = np.zeros(len(bins), np.int64)
        np.add.at(counts, places, np.concatenate([self.counts, other.counts]))
        return ScoreTally(bins, counts, min(self.low, other.low), max(self.high, other.high))

    @property
    def total(self) -> int:
        """How many scores."""
        return int(self.counts.sum())

    def quantiles(self, shares: Vector) -> Vector:
        """Return a score within 1 part in 8,192 of each quantile; the first and last exactly.

        Args:
            shares: of the scores below, shape (n,).
        """
        ranks = np.round(shares * (self.total - 1)).astype(np.int64)
        places = np.searchsorted(np.cumsum(self.counts), ranks, side="right")
        low, high = _lowest_of(self.bins[places]), _lowest_of(self.bins[places] + np.uint64(1))
        middle: Vector = np.clip(low / 2 + high / 2, self.low, self.high)
        return np.where(ranks == 0, self.low, np.where(ranks == self.total - 1, self.high, middle))

    def summary(self) -> ScoreSummary:
        """Return quantiles, and a histogram whose counts are exact: its edges are those of bins."""
        if self.low == self.high:
            one = summarise_scores(np.array([self.low]))
            return replace(one, counts=tuple(count * self.total for count in one.counts))
        quartiles = self.quantiles(np.array([0.25, 0.5, 0.75]))
        inner = np.unique(_bin_of(histogram_edges(quartiles, self.low, self.high)[1:-1]))
        lowest = _lowest_of(inner)
        is_between = (lowest > self.low) & (lowest < self.high)
        below = np.searchsorted(self.bins, inner[is_between])
        counts = np.diff(np.append(0, np.cumsum(self.counts))[[0, *below, -1]])
        return ScoreSummary(
            quantiles=tuple(self.quantiles(np.array(QUANTILES)).tolist()),
            edges=(self.low, *lowest[is_between].tolist(), self.high),
            counts=tuple(counts.tolist()),
        )


def _bin_of(scores: Vector) -> NDArray[np.uint64]:
    """Bins of finite scores: their first bits, turned so that they are in the scores' order."""
    bits = (scores + 0.0).view(np.uint64)  # there is one zero
    turned: NDArray[np.uint64] = np.where(bits & _SIGN, ~bits, bits | _SIGN) >> _DROPPED
    return turned


def _lowest_of(bins: NDArray[np.uint64]) -> Vector:
    """The lowest number of each bin."""
    turned = bins << _DROPPED
    scores: Vector = np.where(turned & _SIGN, turned & ~_SIGN, ~turned).view(np.float64)
    return scores
