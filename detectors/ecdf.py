"""The empirical distribution of each column: how rare values this low, or this high, are."""

import numpy as np
from numpy.typing import NDArray

from detectors.scaling import ColumnScaler
from detectors.validation import Matrix, Vector

# A skewness this close to 0 is rounding.
_SYMMETRIC = 1e-9


class ColumnEcdf:
    """Training values of each column in order.

    Attributes:
        skewed: per column, 1 with a longer tail to the right, -1 to the left, 0 symmetric;
            shape (n_features,).
    """

    def __init__(self, table: Matrix) -> None:
        """Learn from ``table``, shape (n_rows, n_features)."""
        self._ordered = np.sort(table.T, axis=1)
        # Of the ordered values, so that the order of rows changes no rounding.
        self.skewed = _side_of_longer_tail(self._ordered.T)

    def left(self, X: Matrix) -> Matrix:
        """Return ``-ln(share of training values <= x)``, shape of ``X``."""
        pairs = zip(self._ordered, X.T, strict=True)
        return self._rarity([column.searchsorted(x, "right") for column, x in pairs])

    def right(self, X: Matrix) -> Matrix:
        """Return ``-ln(share of training values >= x)``, shape of ``X``."""
        pairs = zip(self._ordered, X.T, strict=True)
        return self._rarity([len(column) - column.searchsorted(x) for column, x in pairs])

    def _rarity(self, counts: list[NDArray[np.int64]]) -> Matrix:
        n = self._ordered.shape[1]
        table = np.column_stack(counts)
        # Beyond every training value: one row more than were seen, as if it had been the first.
        return -np.log(np.where(table > 0, table / n, 1 / (n + 1)))


def _side_of_longer_tail(table: Matrix) -> Vector:
    scaled = ColumnScaler.fit(table, "standard").transform(table)
    skewness = np.mean(scaled**3, axis=0)
    return np.where(np.abs(skewness) > _SYMMETRIC, np.sign(skewness), 0.0)
