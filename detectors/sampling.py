"""Fewer rows where more would only take longer."""

import numpy as np

from detectors.validation import Matrix


def at_most(rows: Matrix, most: int, seed: int) -> Matrix:
    """Return ``rows``, or ``most`` of them drawn without replacement when there are more."""
    if len(rows) <= most:
        return rows
    return rows[np.random.default_rng(seed).choice(len(rows), most, replace=False)]
