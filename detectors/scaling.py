"""Centre and scale columns so that no unit of measurement outweighs another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from detectors.validation import Matrix, Vector

Scaling = Literal["none", "standard", "robust", "mad"]

# Squares of scaled values, summed over columns, must stay finite.
_BOUND = 1e100

# Of normal data: the standard deviation in units of the median absolute deviation.
_STD_PER_MAD = 1.482602218505602


@dataclass(frozen=True)
class ColumnScaler:
    """Per-column ``(x - centre) / spread``, clipped to +-1e100; a constant column becomes 0.

    Attributes:
        centre: mean (standard) or median (robust, mad), shape (n_features,).
        spread: standard deviation (standard), interquartile range (robust), or median absolute
            deviation times 1.4826 (mad), shape (n_features,). Where it is 0, the next wider one
            takes its place: mad, interquartile range, standard deviation, 1.
    """

    centre: Vector
    spread: Vector

    @classmethod
    def fit(cls, X: Matrix, scaling: Scaling) -> Self:
        """Learn centre and spread of the columns of ``X``, shape (n_rows, n_features)."""
        if scaling == "none":
            return cls(np.zeros(X.shape[1]), np.ones(X.shape[1]))
        std = column_std(X)
        if scaling == "standard":
            return cls(column_mean(X), _first_positive(std))
        low, median, high = column_quantiles(X, [0.25, 0.5, 0.75])
        with np.errstate(over="ignore"):
            iqr = np.minimum(high - low, np.finfo(np.float64).max)
        if scaling == "robust":
            return cls(median, _first_positive(iqr, std))
        return cls(median, _first_positive(_column_mad(X, median), iqr, std))

    def transform(self, X: Matrix) -> Matrix:
        """Return the scaled rows as a new matrix; ``X`` is left as it was."""
        unit = _power_of_two(np.maximum(np.abs(self.centre), self.spread))
        with np.errstate(over="ignore"):
            scaled: Matrix = (X / unit - self.centre / unit) / (self.spread / unit)
        return np.clip(scaled, -_BOUND, _BOUND, out=scaled)


def column_mean(X: Matrix) -> Vector:
    """Mean of each column, right for values up to the largest float64."""
    unit = _power_of_two(np.abs(X).max(axis=0))
    mean: Vector = (X / unit).mean(axis=0) * unit
    return np.where(_is_constant(X), X[0], mean)


def column_std(X: Matrix) -> Vector:
    """Standard deviation of each column, right from 1e-300 to 1e300; exactly 0 when constant."""
    unit = _power_of_two(np.abs(X).max(axis=0))
    floats = np.finfo(np.float64)
    with np.errstate(over="ignore"):
        std = np.clip((X / unit).std(axis=0) * unit, floats.smallest_subnormal, floats.max)
    return np.where(_is_constant(X), 0.0, std)


def column_median(X: Matrix | Vector) -> Vector:
    """Median of each column, right up to the largest float64."""
    upper = len(X) // 2
    parted = np.partition(X, upper, axis=0)
    lower = parted[upper] if len(X) % 2 else parted[:upper].max(axis=0)
    median: Vector = lower / 2 + parted[upper] / 2
    return median


def column_quantiles(X: Matrix, shares: Sequence[float]) -> Matrix:
    """Quantiles of each column, shape (n_shares, n_features), right up to the largest float64."""
    unit = _power_of_two(np.abs(X).max(axis=0))
    quantiles: Matrix = np.quantile(X / unit, shares, axis=0) * unit
    return quantiles


def _column_mad(X: Matrix, median: Vector) -> Vector:
    unit = _power_of_two(np.abs(X).max(axis=0))
    deviation = column_median(np.abs(X / unit - median / unit))
    with np.errstate(over="ignore"):
        mad: Vector = np.minimum(deviation * _STD_PER_MAD * unit, np.finfo(np.float64).max)
    return mad


def _is_constant(X: Matrix) -> NDArray[np.bool_]:
    """Tell constant columns, of which sums would round."""
    constant: NDArray[np.bool_] = (X == X[0]).all(axis=0)
    return constant


def _first_positive(*spreads: Vector) -> Vector:
    """Take the first positive spread of each column; 1 when there is none."""
    first = np.ones_like(spreads[0])
    for spread in reversed(spreads):
        first = np.where(spread > 0, spread, first)
    return first


def _power_of_two(magnitude: Vector) -> Vector:
    """Largest power of two not above each magnitude; dividing by it does not round."""
    _, exponent = np.frexp(magnitude)
    power: Vector = np.ldexp(1.0, np.where(magnitude > 0, exponent - 1, 0))
    return power
