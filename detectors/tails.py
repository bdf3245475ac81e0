"""Scores of any detector on one scale: minus the logarithm of how rare they are."""

import numpy as np

from detectors.validation import Vector


def tail_within(scores: Vector) -> Vector:
    """Tail of each score among the others, ``-ln((n - rank + 1/2) / n)``, average ranks.

    Args:
        scores: scores of the training rows, shape (n_rows,).

    Returns:
        From about 0 for the lowest to ``ln(2 n)`` for the highest, shape (n_rows,).
    """
    from scipy.stats import rankdata

    n = len(scores)
    tail: Vector = -np.log((n - rankdata(scores) + 0.5) / n)
    return tail


def tail_beyond(ordered: Vector, scores: Vector) -> Vector:
    """Tail of new scores, ``-ln((1 + #{training >= score}) / (n + 1))``.

    Args:
        ordered: scores of the training rows, ascending, shape (n_rows,).
        scores: scores of new rows, shape (m,).

    Returns:
        From 0 for the lowest to ``ln(n_rows + 1)`` above all training scores, shape (m,).
    """
    n = len(ordered)
    at_least = n - np.searchsorted(ordered, scores, side="left")
    tail: Vector = -np.log((1 + at_least) / (n + 1))
    return tail
