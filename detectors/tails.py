"""Scores of any detector on one scale: minus the logarithm of how rare they are."""

import numpy as np

from detectors.validation import Vector


def rarity(ordered: Vector, scores: Vector) -> Vector:
    """Return how rare scores are among those of the training rows, training rows or not.

    ``-ln((n - rank + 1/2) / n)`` with average ranks, where a score between two others has the rank
    between theirs, and one above all others that of the highest.

    Args:
        ordered: scores of the training rows, ascending, shape (n_rows,).
        scores: any scores, shape (m,).

    Returns:
        From about 0 for the lowest to ``ln(2 n_rows)`` for the highest, shape (m,).
    """
    below = np.searchsorted(ordered, scores, side="left")
    not_above = np.searchsorted(ordered, scores, side="right")
    n = len(ordered)
    share: Vector = np.maximum(n - (below + not_above) / 2, 0.5) / n
    return -np.log(share)
