"""How dense the values of a column are."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from detectors.validation import Vector

# In bins: a value this little below an edge lies on it. A change of units rounds anew, and must
# not move the values of a discrete column across.
_ON_EDGE = 1e-9


@dataclass(frozen=True)
class Histogram:
    """Density of one column in bins of equal width, closed on the left.

    Attributes:
        low: left edge of the first bin.
        width: of each bin; 0 when all values are equal.
        density: share of the rows per unit of the column, shape (n_bins,).
    """

    low: float
    width: float
    density: Vector

    @classmethod
    def fit(cls, values: Vector) -> Self:
        """Learn from ``values``, shape (n_rows,).

        The number of bins, 1 to ``sqrt(n_rows) - 1``, has the highest penalised likelihood, in
        PyOD's form of the criterion of Birgé and Rozenholc (2006).
        """
        ordered = np.sort(values)
        low, high = float(ordered[0]), float(ordered[-1])
        if low == high:
            return cls(low, 0.0, np.ones(1))
        best, best_gain = np.array([len(ordered)]), -np.inf
        for n_bins in range(1, max(2, math.isqrt(len(ordered)))):
            counts = _count(ordered, n_bins)
            gain = _penalised_likelihood(counts)
            if gain > best_gain:
                best, best_gain = counts, gain
        width = (high - low) / len(best)
        return cls(low, width, best / (len(ordered) * width))

    def density_at(self, values: Vector) -> Vector:
        """Density at ``values``, shape (m,); 0 more than half a bin outside."""
        if self.width == 0:
            return np.where(values == self.low, self.density[0], 0.0)
        n_bins = len(self.density)
        place = (values - self.low) / self.width
        inside = (place >= -0.5) & (place <= n_bins + 0.5)
        bins = np.floor(np.clip(place, 0, n_bins - 1) + _ON_EDGE).astype(np.int64)
        return np.where(inside, self.density[bins], 0.0)


def _count(ordered: Vector, n_bins: int) -> NDArray[np.int64]:
    """Count ascending values in ``n_bins`` bins of equal width."""
    shares = (np.arange(1, n_bins) - _ON_EDGE) / n_bins
    below = np.searchsorted(ordered, ordered[0] + (ordered[-1] - ordered[0]) * shares)
    return np.diff(below, prepend=0, append=len(ordered))


def _penalised_likelihood(counts: NDArray[np.int64]) -> float:
    n_bins = len(counts)
    likelihood = counts @ np.log(n_bins * counts / counts.sum() + 1)
    return float(likelihood - n_bins * (n_bins - 1 + np.log(n_bins) ** 2.5))
