"""What is known of each column of a feed since it began, without keeping its rows."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from detectors.errors import DetectorError
from detectors.online.validation import LARGEST
from detectors.validation import Matrix, Vector


@dataclass(frozen=True)
class RunningStatistics:
    """Statistics of d columns, each of shape (d,); ``update`` changes them in place.

    They do not depend on how rows are cut into updates, to the bit. In mean and deviation, values
    beyond 1e150 count as 1e150.

    Attributes:
        count: values that were there.
        missing: values that were not.
        mean: 0 without values.
        squares: sum of squared distances from the mean.
        low: the smallest value; infinite without values.
        high: the largest value; minus infinite without values.
    """

    count: NDArray[np.int64]
    missing: NDArray[np.int64]
    mean: Vector
    squares: Vector
    low: Vector
    high: Vector

    @classmethod
    def empty(cls, n_columns: int) -> Self:
        """Return the statistics of nothing."""
        return cls.of(
            count=np.zeros(n_columns),
            missing=np.zeros(n_columns),
            mean=np.zeros(n_columns),
            squares=np.zeros(n_columns),
            low=np.full(n_columns, np.inf),
            high=np.full(n_columns, -np.inf),
        )

    @classmethod
    def of(
        cls,
        count: ArrayLike,
        missing: ArrayLike,
        mean: ArrayLike,
        squares: ArrayLike,
        low: ArrayLike,
        high: ArrayLike,
    ) -> Self:
        """Return the statistics that were kept as these, one number a column."""
        return cls(
            count=np.array(count, dtype=np.int64),
            missing=np.array(missing, dtype=np.int64),
            mean=np.array(mean, dtype=np.float64),
            squares=np.array(squares, dtype=np.float64),
            low=np.array(low, dtype=np.float64),
            high=np.array(high, dtype=np.float64),
        )

    @property
    def deviation(self) -> Vector:
        """Standard deviation of each column, with n - 1; NaN for fewer than two values."""
        enough = self.count > 1
        variance = np.full(self.count.shape, np.nan)
        np.divide(self.squares, self.count - 1, out=variance, where=enough)
        return np.sqrt(variance)

    def update(self, X: Matrix) -> None:
        """Add rows, shape (n, d); NaN is missing.

        Raises:
            DetectorError: another number of columns.
        """
        from detectors.kernels.statistics import add_rows

        rows = np.ascontiguousarray(X, dtype=np.float64)
        if rows.ndim != 2 or rows.shape[1] != len(self.count):
            raise DetectorError(
                f"statistics are of {len(self.count)} columns, got rows of shape {rows.shape}: "
                "pass the same columns"
            )
        add_rows(
            rows, LARGEST, self.count, self.missing, self.mean, self.squares, self.low, self.high
        )
