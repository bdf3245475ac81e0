"""A table like the given one, but without its anomalies: the reference for false alarms."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from detectors.validation import Matrix, Vector

# Beyond these shares of a column, on either side, values are drawn from an exponential tail
# through the column's own quantiles there: what anomalies hold must not come back as normal.
_TAIL = 0.05
_SHOULDER = 0.10
# A value that this share of the rows has is a level of the column, never a part of its tail.
_LEVEL = 0.01
_MIN_ROWS = 2_000
_MAX_ROWS = 20_000
_MAX_CELLS = 4_000_000
# Keeps sums and extrapolated values below the largest float64.
_SHRINK = 2.0**-10


def draw_clean_twin(X: Matrix, seed: int) -> Matrix:
    """Draw rows from a Gaussian copula (Nelsen 2006) with the columns' own values.

    Columns keep their distribution and their rank correlation with each other. Beyond its 5 % and
    95 % quantiles a column goes on with an exponential tail, and values that at least 1 % of the
    rows share keep their share, so that a discrete column stays discrete.

    Args:
        X: finite rows, shape (n_rows, n_features); a larger table is sampled.
        seed: of the sample and the draw.

    Returns:
        Finite rows, shape (m, n_features): m = n_rows, at least 2,000, and at most 20,000 (fewer
        from 200 columns on).
    """
    rng = np.random.default_rng(seed)
    most = min(_MAX_ROWS, max(_MIN_ROWS, _MAX_CELLS // X.shape[1]))
    size = min(max(len(X), _MIN_ROWS), most)
    if len(X) > most:
        X = X[rng.choice(len(X), most, replace=False)]
    columns = [_OrderedColumn.of(column) for column in (X * _SHRINK).T]
    # The matrix square root of the correlation; a little less of it makes it positive definite.
    root = np.linalg.cholesky(0.999999 * _rank_correlation(columns) + 1e-6 * np.eye(X.shape[1]))
    z = root @ rng.standard_normal((size, X.shape[1])).T
    with np.errstate(over="ignore"):
        drawn = [_draw_column(column, draws) for column, draws in zip(columns, z, strict=True)]
        twin = np.column_stack(drawn) / _SHRINK
    largest = np.finfo(np.float64).max
    return np.clip(twin, -largest, largest)


@dataclass(frozen=True)
class _OrderedColumn:
    """The values of a column in ascending order, sorted once for all that is asked of them.

    Attributes:
        values: shape (n_rows,).
        rows: where each of them stands in the table, shape (n_rows,).
        shared_by: how many rows have the value, shape (n_rows,).
        ranks: average rank of the value, from 1, shape (n_rows,).
    """

    values: Vector
    rows: NDArray[np.int64]
    shared_by: NDArray[np.int64]
    ranks: Vector

    @classmethod
    def of(cls, column: Vector) -> Self:
        rows = np.argsort(column)
        values = column[rows]
        ends = np.append(np.flatnonzero(values[1:] != values[:-1]) + 1, len(values))
        counts = np.diff(ends, prepend=0)
        return cls(
            values, rows, np.repeat(counts, counts), np.repeat(ends - (counts - 1) / 2, counts)
        )


def _rank_correlation(columns: list[_OrderedColumn]) -> Matrix:
    """Correlation of the columns' normal scores; 0 where a column is constant."""
    normal = np.array([_normal_scores(column) for column in columns])
    normal -= normal.mean(axis=1, keepdims=True)
    length = np.linalg.norm(normal, axis=1, keepdims=True)
    normal /= np.where(length > 0, length, 1.0)
    correlation: Matrix = normal @ normal.T
    np.fill_diagonal(correlation, 1.0)
    return correlation


def _normal_scores(column: _OrderedColumn) -> Vector:
    """Return what each value would be if the column were standard normal; equal ones are equal."""
    from scipy.special import ndtri

    scores = np.empty(len(column.rows))
    scores[column.rows] = ndtri((column.ranks - 0.5) / len(scores))
    return scores


def _draw_column(column: _OrderedColumn, z: Vector) -> Vector:
    """Return the values of ``column`` at the standard normal draws ``z``."""
    from scipy.special import ndtr

    ordered = column.values
    below = ndtr(z)
    values = _quantiles(ordered, np.clip(below, _TAIL, 1 - _TAIL))
    low, high = below < _TAIL, below > 1 - _TAIL
    values[low] = -_tail(-ordered[::-1], below[low])
    values[high] = _tail(ordered, ndtr(-z[high]))
    is_level = column.shared_by >= max(2.0, _LEVEL * len(ordered))
    if is_level.any():
        place = np.minimum((below * len(ordered)).astype(np.int64), len(ordered) - 1)
        values = np.where(is_level[place], ordered[place], values)
    return values


def _tail(ordered: Vector, above: Vector) -> Vector:
    """Value that the share ``above`` of the rows exceed, by an exponential tail."""
    shoulder, start = _quantiles(ordered, np.array([1 - _SHOULDER, 1 - _TAIL]))
    steps: Vector = np.log(_TAIL / above) / np.log(_SHOULDER / _TAIL)
    return start + (start - shoulder) * steps


def _quantiles(ordered: Vector, shares: Vector) -> Vector:
    """Return the quantiles of values in order, linear between neighbours, as ``np.quantile``."""
    # That function would put the values in order again: 2 ms a column of 5,000 rows.
    place = shares * (len(ordered) - 1)
    before = place.astype(np.int64)
    low, high = ordered[before], ordered[np.minimum(before + 1, len(ordered) - 1)]
    return low + (high - low) * (place - before)
