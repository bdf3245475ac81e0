"""Shapley values from the worth of all coalitions of features."""

from math import comb

import numpy as np
from numpy.typing import NDArray

from detectors.explanation.mixtures import Score, score_mixtures
from detectors.validation import Matrix


def enumerate_contributions(score: Score, X: Matrix, background: Matrix) -> Matrix:
    """Return exact contributions to ``score`` (Shapley 1953), shape of ``X``.

    The worth of a coalition is the mean score over the background of the row with the features
    outside the coalition taken from there. All rows and coalitions are scored in one batch.

    Args:
        score: scores rows.
        X: rows to explain, shape (n_rows, n_features), few features.
        background: shape (n_background, n_features).
    """
    n_features, n_background = X.shape[1], len(background)
    inner = coalitions(n_features)[1:-1]
    masks = np.repeat(inner, n_background, axis=0)
    partners = np.tile(np.arange(n_background), len(inner))
    scores = score_mixtures(score, X, background, masks, partners)
    worth = np.empty((len(X), len(inner) + 2))
    worth[:, 0] = score(background).mean()
    worth[:, 1:-1] = scores.reshape(len(X), len(inner), n_background).mean(axis=2)
    worth[:, -1] = score(X)
    return worth @ shapley_weights(n_features)


def coalitions(n_features: int) -> NDArray[np.bool_]:
    """All sets of features, shape (2**n_features, n_features); the bits of a row's index."""
    members: NDArray[np.bool_] = (
        np.arange(2**n_features)[:, None] >> np.arange(n_features)
    ) & 1 > 0
    return members


def shapley_weights(n_features: int) -> Matrix:
    """Weights that turn worths of coalitions into Shapley values, (2**n_features, n_features)."""
    members = coalitions(n_features)
    sizes = members.sum(axis=1)
    # Of a feature that joins a coalition of this size; none joins that of all.
    joins = np.array([1 / (n_features * comb(n_features - 1, s)) for s in range(n_features)] + [0])
    return np.where(members, joins[sizes - 1][:, None], -joins[sizes][:, None])
