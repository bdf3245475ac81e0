"""The range of each column, so that columns of any unit can be held against one another."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from detectors.validation import Matrix, Vector

_OUTSIDE = 0.01


@dataclass(frozen=True)
class ColumnRanges:
    """Where most values of each column lie.

    Attributes:
        low: shape (n_features,).
        span: above 0, shape (n_features,).
    """

    low: Vector
    span: Vector

    @classmethod
    def of(cls, rows: Matrix) -> Self:
        """Return the ranges of the columns, but for their lowest and highest hundredth.

        The range of equal values is a billionth of them, so that any other value is far out.
        """
        low, high = np.quantile(rows, [_OUTSIDE, 1 - _OUTSIDE], axis=0)
        floor = np.maximum(1e-9 * np.abs(low), 1e-150)
        return cls(low, np.where(high - low > 1e-150, high - low, floor))

    def scale(self, X: Matrix) -> Matrix:
        """Return ``X`` with the ranges at 0 to 1."""
        scaled: Matrix = (X - self.low) / self.span
        return scaled
