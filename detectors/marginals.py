"""The distribution of one column, from which clean values are drawn."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from detectors.validation import Vector

# Beyond this share of a column, on either side, values are drawn from a tail through the column's
# own quantiles there: what anomalies hold must not come back as normal.
_TAIL = 0.05
# The shape of a tail is told from the quantiles at one, two and four times that share, within
# bounds. Further out a bounded or normal column bends less than it does there: half of the
# shape fits normal, uniform and clustered columns down to one value in 100,000.
_SHAPES = (-0.3, 0.25)
_DAMPING = 0.5
# Fewer values say nothing of the shape: the tail is exponential.
_FEWEST_FOR_SHAPE = 200
# Of few values a larger share lies beyond, so that at least so many do.
_FEWEST_BEYOND = 3
# A column in which a value stands for so many rows on average is discrete.
_REPEATS = 2
# A value that this share of the rows has is a level of the column, never a part of its tail.
_LEVEL = 0.01
# A level that so many rows have, and so many times more than have any other value, parts the column
# in two: the rows at the level, such as those where nothing was measured, and the others.
_MAIN_LEVEL = 0.1
_MAIN_RATIO = 5


def level_count(n_rows: int) -> float:
    """Return how many of ``n_rows`` rows a value or a row must stand for to be a level."""
    return max(2.0, _LEVEL * n_rows)


@dataclass(frozen=True)
class Marginal:
    """The values of a column in order, those at its main level apart.

    Attributes:
        main_level: the value that stands for many rows, or for most; None where none does.
        is_other: which rows have another value, shape (n_rows,).
        ordered: the other values, ascending, shape (n_others,).
        is_level: which of these are levels of their own, shape (n_others,).
        normal_scores: what each value would be if the others were standard normal, equal ones
            equal; 0 at the main level; shape (n_rows,).
    """

    main_level: float | None
    is_other: NDArray[np.bool_]
    ordered: Vector
    is_level: NDArray[np.bool_]
    normal_scores: Vector

    @classmethod
    def of(cls, column: Vector) -> Self:
        """Learn from a column, shape (n_rows,)."""
        from scipy.special import ndtri

        n_rows = len(column)
        rows = np.argsort(column)
        ordered = column[rows]
        counts = _count_equal(ordered)
        main_level = _main_level(ordered, counts)
        is_other = np.ones(n_rows, dtype=bool)
        if main_level is not None:
            is_other = column != main_level
            rows = rows[is_other[rows]]
            ordered = column[rows]
            counts = _count_equal(ordered)
        shared_by = np.repeat(counts, counts)
        ranks = np.repeat(np.cumsum(counts) - (counts - 1) / 2, counts)
        scores = np.zeros(n_rows)
        scores[rows] = ndtri((ranks - 0.5) / len(rows))
        return cls(main_level, is_other, ordered, shared_by >= level_count(n_rows), scores)

    @property
    def is_mostly_levels(self) -> bool:
        """Whether half of the rows or more are at a level of the column, main or other."""
        n_rows = len(self.is_other)
        return n_rows - len(self.ordered) + int(self.is_level.sum()) >= n_rows / 2

    def draw(self, z: Vector, is_other: NDArray[np.bool_]) -> Vector:
        """Return values of the column, shape (m,).

        Args:
            z: standard normal draws that place a value among the others, shape (m,).
            is_other: which values are not to be at the main level, shape (m,).
        """
        if self.main_level is None:
            return self._others(z)
        values = np.full(len(z), self.main_level)
        values[is_other] = self._others(z[is_other])
        return values

    def _others(self, z: Vector) -> Vector:
        from scipy.special import ndtr

        n, below = len(self.ordered), ndtr(z)
        tail = _tail_share(n)
        values = _quantiles(self.ordered, np.clip(below, tail, 1 - tail))
        low, high = below < tail, below > 1 - tail
        distinct = self.ordered[np.diff(self.ordered, prepend=-np.inf) > 0]
        is_discrete = n >= _REPEATS * len(distinct)
        values[low] = -_tail(-self.ordered[::-1], below[low], tail, is_discrete)
        values[high] = _tail(self.ordered, ndtr(-z[high]), tail, is_discrete)
        if is_discrete:
            values = _nearest(distinct, values)
        if self.is_level.any():
            place = np.minimum((below * n).astype(np.int64), n - 1)
            values = np.where(self.is_level[place], self.ordered[place], values)
        return values


def _count_equal(ordered: Vector) -> NDArray[np.int64]:
    """Return how many rows have each distinct value, ascending by value."""
    starts = np.flatnonzero(ordered[1:] != ordered[:-1]) + 1
    return np.diff(starts, prepend=0, append=len(ordered))


def _main_level(ordered: Vector, counts: NDArray[np.int64]) -> float | None:
    if len(counts) == 1 or counts.max() < max(2.0, _MAIN_LEVEL * len(ordered)):
        return None
    largest = int(np.argmax(counts))
    if counts[largest] < _MAIN_RATIO * np.delete(counts, largest).max():
        return None
    return float(ordered[counts[:largest].sum()])


def _tail_share(n: int) -> float:
    """Return where the tails of ``n`` values begin: some of the values lie beyond."""
    return min(max(_TAIL, _FEWEST_BEYOND / (n + 1)), 0.25)


def _tail(ordered: Vector, above: Vector, tail: float, is_discrete: bool) -> Vector:
    """Value that each share ``above`` of the values exceed, by a generalised Pareto tail.

    Where the quantiles that it would go through are one and the same level, nothing tells its
    length: the values beyond are the column's own. Steps between discrete values would pass for a
    bend, so that the tail of these is exponential at least.
    """
    n = len(ordered)
    if np.ptp(_quantiles(ordered, 1 - tail * np.array([2.0, 1.0]))) == 0:
        return ordered[np.minimum(((1 - above) * n).astype(np.int64), n - 1)]
    shoulder, middle, start = _midrank_quantiles(ordered, 1 - tail * np.array([4.0, 2.0, 1.0]))
    step = start - middle
    shape = 0.0
    if n >= _FEWEST_FOR_SHAPE and middle > shoulder:
        # Pickands (1975).
        shape = float(np.clip(np.log2(step / (middle - shoulder)), *_SHAPES))
        shape = shape if shape > 0 else 0.0 if is_discrete else _DAMPING * shape
    ratio = np.log(tail / above)
    if abs(shape) < 1e-6:
        return start + step * ratio / np.log(2)
    return start + step * np.expm1(shape * ratio) / -np.expm1(-shape * np.log(2))


def _quantiles(ordered: Vector, shares: Vector) -> Vector:
    """Return the quantiles of values in order, linear between them.

    Each value has the share of ``rank / (n + 1)`` below it: as many values as there are on average
    leave one in n + 1 beyond the highest.
    """
    n = len(ordered)
    place = np.clip(shares * (n + 1) - 1, 0, n - 1)
    before = place.astype(np.int64)
    low, high = ordered[before], ordered[np.minimum(before + 1, n - 1)]
    return low + (high - low) * (place - before)


def _nearest(distinct: Vector, values: Vector) -> Vector:
    """Return the value of a column next to each of ``values``, unless it lies beyond them all."""
    above = np.clip(np.searchsorted(distinct, values), 1, len(distinct) - 1)
    low, high = distinct[above - 1], distinct[above]
    near = np.where(values - low < high - values, low, high)
    return np.where((values < distinct[0]) | (values > distinct[-1]), values, near)


def _midrank_quantiles(ordered: Vector, shares: Vector) -> Vector:
    """Return quantiles as they were before values were rounded, each value amid its equals."""
    counts = _count_equal(ordered)
    ends = np.cumsum(counts)
    quantiles: Vector = np.interp(shares * len(ordered), ends - counts / 2, ordered[ends - 1])
    return quantiles
