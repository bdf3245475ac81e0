"""Statistics of the columns of a stream, over all rows so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Self

import numpy as np
from numpy.typing import NDArray

from detectors.validation import Matrix


@dataclass(frozen=True)
class ColumnMoments:
    """Statistics of one column.

    Attributes:
        count: finite values.
        missing: rows without one.
        mean: of the values; 0 before the first.
        m2: sum of their squared differences from the mean.
        minimum: None before the first value.
        maximum: likewise.
        anomaly_count: anomalies that this column drives.
    """

    count: int
    missing: int
    mean: float
    m2: float
    minimum: float | None
    maximum: float | None
    anomaly_count: int


class ColumnStatistics:
    """Statistics of all columns; however rows are cut into calls, they are the same to the bit."""

    def __init__(
        self,
        counts: NDArray[np.int64],
        moments: Matrix,
        anomaly_counts: NDArray[np.int64],
    ) -> None:
        """Go on from arrays as ``detectors.kernels.column_moments`` has them."""
        self._counts = counts
        self._moments = moments
        self._anomaly_counts = anomaly_counts

    @classmethod
    def empty(cls, n_columns: int) -> Self:
        """Return statistics of no rows."""
        moments = np.tile([0.0, 0.0, inf, -inf], (n_columns, 1))
        return cls(np.zeros((n_columns, 2), np.int64), moments, np.zeros(n_columns, np.int64))

    @classmethod
    def load(cls, columns: Sequence[ColumnMoments]) -> Self:
        """Return the statistics that ``dump`` returned."""
        statistics = cls.empty(len(columns))
        for place, column in enumerate(columns):
            statistics._counts[place] = column.count, column.missing
            statistics._moments[place, :2] = column.mean, column.m2
            if column.minimum is not None and column.maximum is not None:
                statistics._moments[place, 2:] = column.minimum, column.maximum
            statistics._anomaly_counts[place] = column.anomaly_count
        return statistics

    def dump(self) -> list[ColumnMoments]:
        """Return the statistics of each column."""
        return [
            ColumnMoments(
                count=int(count),
                missing=int(missing),
                mean=float(mean),
                m2=float(m2),
                minimum=float(minimum) if count else None,
                maximum=float(maximum) if count else None,
                anomaly_count=int(anomalies),
            )
            for (count, missing), (mean, m2, minimum, maximum), anomalies in zip(
                self._counts, self._moments, self._anomaly_counts, strict=True
            )
        ]

    def observe(self, X: Matrix, driving: NDArray[np.bool_]) -> None:
        """Take rows in.

        Args:
            X: rows, shape (n, n_columns); what is not finite is missing.
            driving: which columns drive an anomaly in each row, shape (n, n_columns).
        """
        from detectors.kernels.column_moments import add_rows

        add_rows(X, self._counts, self._moments)
        self._anomaly_counts += driving.sum(axis=0)
