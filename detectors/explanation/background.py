"""The rows that contributions start from."""

import numpy as np

from detectors.validation import Matrix

MOST_BACKGROUND_ROWS = 500
"""More would make typical ranges little sharper, and every stored detector larger."""


def draw_background(X: Matrix, seed: int) -> Matrix:
    """Draw rows of ``X``, shape (n_rows, n_features), at random, whatever their scores.

    The order is random too, so that the first ones are a random sample themselves.

    Returns:
        Rows without replacement, shape (min(500, n_rows), n_features).
    """
    size = min(MOST_BACKGROUND_ROWS, len(X))
    drawn: Matrix = X[np.random.default_rng(seed).choice(len(X), size, replace=False)]
    return drawn
