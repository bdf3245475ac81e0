"""Which single values of a row are far out in their own column."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from detectors.scaling import column_median, column_std
from detectors.validation import Matrix, Vector

# Iglewicz and Hoaglin (1993): a modified z-score beyond 3.5 is a potential outlier.
EXTREME = 3.5
_MAD_TO_STD = 0.6744897501960817
_LARGEST = np.finfo(np.float64).max


@dataclass(frozen=True)
class RobustScale:
    """Centre and spread of columns by median and median absolute deviation.

    A column whose MAD is 0 is spread by its standard deviation.

    Attributes:
        median: shape (n_features,).
        spread: in units of a standard deviation, shape (n_features,), positive.
    """

    median: Vector
    spread: Vector

    @classmethod
    def fit(cls, X: Matrix, imputed: NDArray[np.bool_] | None = None) -> Self:
        """Fit median and spread to the values of each column.

        Args:
            X: the rows, shape (n_rows, n_features).
            imputed: which values stand in for missing ones, of the same shape. They take no part:
                a column half empty would have hardly any spread. None where none is missing.
        """
        scale = cls._fit(X)
        if imputed is None:
            return scale
        for place in np.flatnonzero(imputed.any(axis=0)).tolist():
            present = X[~imputed[:, place], place : place + 1]
            if len(present):
                column = cls._fit(present)
                scale.median[place], scale.spread[place] = column.median[0], column.spread[0]
        return scale

    @classmethod
    def _fit(cls, X: Matrix) -> Self:
        half = X / 2
        median = column_median(half)
        spread = 2 * column_median(np.abs(half - median)) / _MAD_TO_STD
        flat = spread == 0
        deviation = column_std(X[:, flat])
        spread[flat] = np.where(deviation > 0, deviation, 1.0)
        return cls(2 * median, np.minimum(spread, _LARGEST))

    def z(self, X: Matrix) -> Matrix:
        """Return modified z-scores of the rows of ``X``, the same shape, finite."""
        with np.errstate(over="ignore"):
            scores: Matrix = 2 * ((X / 2 - self.median / 2) / self.spread)
        return np.clip(scores, -_LARGEST, _LARGEST, out=scores)
