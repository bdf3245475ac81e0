"""Moments and extremes of columns, one value after the other (Welford 1962)."""

import numpy as np
from numba import float64, int64, types

from detectors.kernels.cache import kernel

_Rows = types.Array(float64, 2, "C", readonly=True)
_LARGEST = np.finfo(np.float64).max


@kernel(
    types.void(
        _Rows, float64, int64[::1], int64[::1], float64[::1], float64[::1], float64[::1],
        float64[::1],
    )
)  # fmt: skip
def add_rows(X, limit, count, missing, mean, squares, low, high):  # type: ignore[no-untyped-def]
    """Add rows, shape (n, d), to the statistics of d columns, each of shape (d,).

    Args:
        X: NaN where missing.
        limit: values beyond count as this one in ``mean`` and ``squares``.
        count: values that are there; written, as all that follow.
        missing: values that are not.
        mean: their mean; 0 without any.
        squares: sum of their squared distances from it.
        low: the smallest; infinite without any.
        high: the largest.
    """
    for row in range(X.shape[0]):
        for c in range(X.shape[1]):
            value = X[row, c]
            if np.isnan(value):
                missing[c] += 1
                continue
            low[c], high[c] = min(low[c], value), max(high[c], value)
            value = max(-limit, min(limit, value))
            count[c] += 1
            delta = value - mean[c]
            mean[c] += delta / count[c]
            squares[c] = min(squares[c] + delta * (value - mean[c]), _LARGEST)
