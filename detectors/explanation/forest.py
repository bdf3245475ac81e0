"""Shapley values of an isolation forest, from its trees."""

import numpy as np

from detectors.batch.isolation_forest import Forest
from detectors.explanation.coalitions import shapley_weights
from detectors.validation import Matrix, Vector

MOST_FEATURES_FOR_SCORES = 14
"""Beyond, the 2**n_features coalitions would take longer than all else."""


def forest_score_contributions(forest: Forest, X: Matrix, background: Matrix) -> Matrix:
    """Return exact contributions to the score, shape of ``X``, few features.

    A tree's path length is a game of coalitions that is sparse in its Moebius transform; the games
    of all trees are added, what single values save is subtracted, and the score taken for each
    coalition.

    Args:
        forest: the trees.
        X: rows to explain, shape (n_rows, n_features).
        background: shape (n_background, n_features).
    """
    from detectors.kernels.forest_contributions import coalition_scores

    if forest.normal_path == 0:  # every row scores alike
        return np.zeros_like(X)
    weights = shapley_weights(X.shape[1])
    contributions, scores = np.empty_like(X), np.empty(len(weights))
    saved, background_saves = forest.saved_cuts(X), forest.saved_cuts(background)
    for row, row_saves, values in zip(X, saved, contributions, strict=True):
        coalition_scores(
            row,
            background,
            forest.feature,
            forest.threshold,
            forest.value,
            forest.normal_path,
            row_saves,
            background_saves,
            scores,
        )
        values[:] = scores @ weights
    return contributions


def forest_path_contributions(forest: Forest, X: Matrix, background: Matrix) -> Matrix:
    """Return exact contributions to minus the mean path length, shape of ``X``.

    Interventional TreeSHAP (Lundberg et al. 2020), on float64 thresholds; any number of features.
    Arguments are those of ``forest_score_contributions``.
    """
    from detectors.kernels.forest_contributions import path_contributions

    contributions = np.empty_like(X)
    for row, values in zip(X, contributions, strict=True):
        path_contributions(row, background, forest.feature, forest.threshold, forest.value, values)
    saved = forest.saved_cuts(X) - forest.saved_cuts(background).mean(axis=0)
    return saved - contributions


def minus_mean_path(forest: Forest, X: Matrix) -> Vector:
    """Return minus the path length of each row: how few cuts isolate it, shape (n_rows,)."""
    return -forest.paths(X)
