"""Moments of columns, one row after the other, so that no cutting of rows changes a bit."""

from math import isfinite

from detectors.kernels.cache import kernel
from detectors.online.validation import LARGEST


@kernel()
def add_rows(X, counts, moments):  # type: ignore[no-untyped-def]
    """Take rows in, by the recurrence of Welford (1962).

    Args:
        X: rows, float64, shape (n, d); what is not finite is missing, and what is beyond
            1e150 counts as that, as it does for the detectors.
        counts: int64, shape (d, 2): finite values, and missing ones; changed in place.
        moments: float64, shape (d, 4): mean, sum of squared differences from it, least and
            largest value; changed in place.
    """
    for row in range(X.shape[0]):
        for column in range(X.shape[1]):
            value = X[row, column]
            if not isfinite(value):
                counts[column, 1] += 1
                continue
            value = min(max(value, -LARGEST), LARGEST)
            counts[column, 0] += 1
            change = value - moments[column, 0]
            moments[column, 0] += change / counts[column, 0]
            moments[column, 1] += change * (value - moments[column, 0])
            moments[column, 2] = min(moments[column, 2], value)
            moments[column, 3] = max(moments[column, 3], value)
