"""Rows mixed with rows of the background, scored together."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from detectors.validation import Matrix, Vector

Score = Callable[[Matrix], Vector]

# Values in one call of a detector: enough to keep it busy, and small beside its own memory.
_BATCH_VALUES = 2_000_000


def score_mixtures(
    score: Score,
    X: Matrix,
    background: Matrix,
    masks: NDArray[np.bool_],
    partners: NDArray[np.int64],
) -> Matrix:
    """Score every mixture of every row.

    Args:
        score: scores rows.
        X: rows to mix, shape (n_rows, n_features).
        background: rows to mix them with, shape (n_background, n_features).
        masks: the features a mixture takes from the row, shape (n_mixtures, n_features).
        partners: the background row it takes the others from, shape (n_mixtures,).

    Returns:
        Scores, shape (n_rows, n_mixtures).
    """
    n_mixtures, n_features = masks.shape
    scores = np.empty(len(X) * n_mixtures)
    n_batch = max(1, _BATCH_VALUES // n_features)
    for start in range(0, len(scores), n_batch):
        batch = np.arange(start, min(start + n_batch, len(scores)))
        row, mixture = np.divmod(batch, n_mixtures)
        mixed = np.where(masks[mixture], X[row], background[partners[mixture]])
        scores[batch] = score(mixed)
    return scores.reshape(len(X), n_mixtures)
