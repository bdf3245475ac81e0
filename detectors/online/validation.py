"""The checks every online detector makes at its door."""

import numpy as np
from numpy.typing import ArrayLike

from detectors.errors import DetectorError
from detectors.online.times import LAST_SECOND, Moments, to_seconds
from detectors.validation import Matrix, Vector

LARGEST = 1e150
"""Values beyond count as this one: its square is still a number, and so is a sum of squares."""


def check_observations(
    X: ArrayLike, timestamps: Moments | None, n_features: int
) -> tuple[Matrix, Vector]:
    """Return rows and their times as arrays of their own, fit for a kernel.

    Args:
        X: rows, shape (n, n_features); NaN is missing.
        timestamps: as ``to_seconds`` takes them, shape (n,); None if there are none.
        n_features: columns there must be.

    Returns:
        Rows within ``LARGEST``, and times that are NaN where there is none to count by.

    Raises:
        DetectorError: another number of columns, or of timestamps, or these are no times.
    """
    rows = np.asarray(X, dtype=np.float64)
    if rows.ndim != 2:
        raise DetectorError(f"expected rows and columns, got {rows.ndim} dimension(s)")
    if rows.shape[1] != n_features:
        raise DetectorError(
            f"built for {n_features} columns, got {rows.shape[1]}: pass the same ones, or build "
            "a detector for these"
        )
    times = np.full(len(rows), np.nan)
    if timestamps is not None:
        given = to_seconds(timestamps)
        if given.shape != times.shape:
            raise DetectorError(f"expected {len(rows)} timestamps, got shape {given.shape}")
        usable = np.abs(given) <= LAST_SECOND
        beyond = np.isfinite(given) & ~usable
        if beyond.any() and not usable.any():
            raise DetectorError(
                f"timestamps such as {given[beyond][0]:.3g} are no seconds since 1970: divide "
                "nanoseconds by 1e9, or pass dates as datetime64"
            )
        times[usable] = given[usable]
    return np.ascontiguousarray(np.clip(rows, -LARGEST, LARGEST)), times
