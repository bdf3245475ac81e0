"""Centre and scale columns so that no unit of measurement outweighs another."""

from dataclasses import dataclass
from typing import Literal, Self

import numpy as np

from detectors.validation import Matrix, Vector

Scaling = Literal["none", "standard", "robust"]

# Squares of scaled values, summed over columns, must stay finite.
_BOUND = 1e100


@dataclass(frozen=True)
class ColumnScaler:
    """Per-column ``(x - centre) / spread``, clipped to +-1e100; a constant column becomes 0.

    Attributes:
        centre: mean (standard) or median (robust), shape (n_features,).
        spread: standard deviation, or interquartile range (0: standard deviation; 0 again: 1).
    """

    centre: Vector
    spread: Vector

    @classmethod
    def fit(cls, X: Matrix, scaling: Scaling) -> Self:
        """Learn centre and spread of the columns of ``X``, shape (n_rows, n_features)."""
        n_features = X.shape[1]
        if scaling == "none":
            return cls(np.zeros(n_features), np.ones(n_features))
        deviation = column_std(X)
        if scaling == "standard":
            return cls(column_mean(X), np.where(deviation > 0, deviation, 1.0))
        low, median, high = np.quantile(X, [0.25, 0.5, 0.75], axis=0)
        with np.errstate(over="ignore"):
            iqr = high - low
        usable = (iqr > 0) & np.isfinite(iqr)
        return cls(median, np.where(usable, iqr, np.where(deviation > 0, deviation, 1.0)))

    def transform(self, X: Matrix) -> Matrix:
        """Return the scaled rows as a new matrix; ``X`` is left as it was."""
        with np.errstate(over="ignore"):
            scaled: Matrix = (X - self.centre) / self.spread
        return np.clip(scaled, -_BOUND, _BOUND)


def column_mean(X: Matrix) -> Vector:
    """Mean of each column, right for values up to the largest float64."""
    magnitude = _magnitude(X)
    mean: Vector = (X / magnitude).mean(axis=0) * magnitude
    return mean


def column_std(X: Matrix) -> Vector:
    """Standard deviation of each column, right from 1e-300 to 1e300; exactly 0 when constant."""
    constant = (X == X[0]).all(axis=0)
    with np.errstate(over="ignore"):
        centred = X / 2 - column_mean(X / 2)
    magnitude = _magnitude(centred)
    deviation: Vector = 2 * (centred / magnitude).std(axis=0) * magnitude
    return np.where(constant, 0.0, deviation)


def _magnitude(X: Matrix) -> Vector:
    largest: Vector = np.abs(X).max(axis=0)
    return np.where(largest > 0, largest, 1.0)
