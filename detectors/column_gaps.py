"""How far a value lies beyond the body of its column."""

from dataclasses import dataclass
from math import ceil, expm1, log, log2

import numpy as np
from numpy.typing import NDArray

from detectors.sampling import at_most
from detectors.validation import Matrix, Vector

_LARGEST = float(np.finfo(np.float64).max)
# Rows that bodies and tails are told from: more make them little sharper.
_MOST_ROWS = 20_000
# A body holds at least nine tenths of the rows.
_ROWS_PER_TAIL_ROW = 20
# The tail from this share of the rows on is bent as it is at two and four times that share.
_TAIL = 0.05
_MOST_SHAPE = 0.25
# Fewer values say nothing of the shape: the tail is exponential.
_FEWEST_FOR_SHAPE = 200
_CUTS_PER_DOUBLING = 16.0
# The farthest clean value of so many tables of this size is one unit away.
_TABLES = 3
# Where all of the body is one value, the nearest other one lies this many units away.
_RARE_LEVEL = 3.0


@dataclass(frozen=True)
class ColumnGaps:
    """The body of each column, and the unit in which values are far from it.

    The body lies between the rows beyond which a tree's
    sample holds one row on average. A unit is the largest of the span of the body, twice the median
    distance of the rows beyond it, and the distance that a generalised Pareto tail reaches in a
    clean table (Pickands 1975), so that what is usual in a heavy tail is within one.

    Attributes:
        low: lower ends, shape (n_features,), as are the others.
        high: upper ends.
        low_unit: for values below the body, halved, for a span may be larger than the largest
            float; 0 where none was seen there, and all of the body is one value.
        high_unit: for values above it, likewise.
    """

    low: Vector
    high: Vector
    low_unit: Vector
    high_unit: Vector

    @classmethod
    def fit(cls, X: Matrix, sample_size: int, seed: int) -> "ColumnGaps":
        """Find the bodies of columns whose trees see ``sample_size`` rows; NaN takes no part."""
        seen = np.clip(at_most(X, _MOST_ROWS, seed), -_LARGEST, _LARGEST) / 2
        columns = (np.sort(column[~np.isnan(column)]) for column in seen.T)
        ends = [_find_body(column, sample_size, len(X)) for column in columns]
        return cls(*np.array(ends).T.copy())

    def saved_cuts(self, X: Matrix) -> Matrix:
        """Return how many cuts each value saves on the way to its row, shape of ``X``.

        None within one unit of the body; beyond, 16 for each doubling of the distance.
        """
        saved = np.zeros(X.shape)
        rows, columns, cuts = self._gross_values(X)
        saved[rows, columns] = cuts
        return saved

    def saved_by_row(self, X: Matrix) -> Vector:
        """Return the sum of ``saved_cuts`` over the columns, shape (n_rows,)."""
        rows, _, cuts = self._gross_values(X)
        sums: Vector = np.bincount(rows, cuts, minlength=len(X)).astype(np.float64)
        return sums

    def _gross_values(self, X: Matrix) -> tuple[NDArray[np.intp], NDArray[np.intp], Vector]:
        """Return the rows, columns and saved cuts of the values beyond the bodies."""
        outside = X > self.high
        outside |= X < self.low
        rows, columns = np.nonzero(outside)
        values = np.clip(X[rows, columns], -_LARGEST, _LARGEST)
        is_above = values > self.high[columns]
        end = np.where(is_above, self.high[columns], self.low[columns])
        unit = np.where(is_above, self.high_unit[columns], self.low_unit[columns])
        gap = np.abs(values / 2 - end / 2)
        with np.errstate(over="ignore"):
            # Half of the smallest float is 0: no gap, and no unit.
            never_seen = np.where(gap > 0, _RARE_LEVEL, 0.0)
            units = np.divide(gap, unit, out=never_seen, where=unit > 0)
        cuts: Vector = _CUTS_PER_DOUBLING * np.log2(np.clip(units, 1.0, _LARGEST))
        return rows, columns, cuts


def _find_body(ordered: Vector, sample_size: int, n_rows: int) -> tuple[float, float, float, float]:
    """Return the ends of a column's body, and the units below and above it; values are halved."""
    n = len(ordered)
    beyond = min(ceil(n / sample_size), n // _ROWS_PER_TAIL_ROW)
    if beyond == 0:
        return -np.inf, np.inf, 0.0, 0.0
    low, high = float(ordered[beyond]), float(ordered[n - 1 - beyond])
    low_unit = _find_unit(-ordered[::-1], -low, high - low, beyond, n_rows)
    return 2 * low, 2 * high, low_unit, _find_unit(ordered, high, high - low, beyond, n_rows)


def _find_unit(ordered: Vector, end: float, span: float, beyond: int, n_rows: int) -> float:
    """Return the unit above ``end``, beyond which ``beyond`` of the values are."""
    gaps = ordered[len(ordered) - beyond :] - end
    median_gap = gaps[beyond // 2 - 1] if beyond > 1 else 0.0
    unit = max(span, 2 * float(median_gap), _farthest(ordered, n_rows) - end)
    if unit == 0 and gaps[-1] > 0:
        unit = float(gaps[gaps > 0].min()) / _RARE_LEVEL
    return min(unit, _LARGEST)


def _farthest(ordered: Vector, n_rows: int) -> float:
    """Return the value that a generalised Pareto tail reaches once in several tables."""
    shoulder, middle, start = np.quantile(ordered, 1 - _TAIL * np.array([4, 2, 1])).tolist()
    step = start - middle
    decades = log(_TAIL * _TABLES * n_rows)
    shape = 0.0
    if len(ordered) >= _FEWEST_FOR_SHAPE and step > 0 and middle > shoulder:
        # Half of what is measured there: further out a tail bends less.
        shape = min(max(log2(step / (middle - shoulder)) / 2, -_MOST_SHAPE), _MOST_SHAPE)
    if abs(shape) < 1e-6:
        return float(start + step * decades / log(2))
    return float(start + step * expm1(shape * decades) / -expm1(-shape * log(2)))
