"""Shapley values from sampled orders in which features join."""

import numpy as np
from numpy.typing import NDArray

from detectors.errors import DetectorError
from detectors.explanation.mixtures import Score, score_mixtures
from detectors.scaling import ColumnScaler
from detectors.validation import Matrix

# Fewer pairs of orders say hardly more than chance.
_FEWEST_PAIRS = 10
# Values in all mixtures of a call: minutes for a fast detector.
_MOST_VALUES = 5_000_000_000
# Standard deviations: a background value further out would steer the regression.
_FAR = 3.0


def sample_contributions(
    score: Score, X: Matrix, background: Matrix, max_evaluations: int, seed: int
) -> Matrix:
    """Estimate contributions to ``score`` by permutations in pairs, shape of ``X``.

    The features of a background row are replaced by those of the explained row one by one, in a
    random order and in its reverse (antithetic sampling, Mitchell et al. 2022): the mean of the two
    is exact where features interact in pairs only. Pairs take one background row each; what those
    not taken would have changed is estimated by regression (Cochran 1977, chapter 7). All rows see
    the same orders and are scored in one batch, and none depends on the others.

    Args:
        score: scores rows.
        X: rows to explain, shape (n_rows, n_features), at least two features.
        background: shape (n_background, n_features).
        max_evaluations: mixtures scored for each row.
        seed: of orders and background rows.

    Raises:
        DetectorError: ``max_evaluations`` allows too few permutations to say anything, or there are
            too many rows of too many features to be done in bounded time.
    """
    n_features = X.shape[1]
    n_pairs = max_evaluations // (2 * (n_features - 1))
    if n_pairs < _FEWEST_PAIRS:
        raise DetectorError(
            f"{max_evaluations} evaluations are too few for {n_features} features: raise "
            f"max_evaluations to at least {_FEWEST_PAIRS * 2 * (n_features - 1)}"
        )
    n_values = len(X) * n_pairs * 2 * (n_features - 1) * n_features
    if n_values > _MOST_VALUES:
        most = len(X) * _MOST_VALUES // n_values
        raise DetectorError(
            f"{len(X):,} rows of {n_features:,} features take {n_values:,} values to explain, at "
            f"most {_MOST_VALUES:,}: explain at most {most:,} rows at a time, or choose "
            "isolation_forest or statistical, whose contributions are exact for any number"
        )
    rng = np.random.default_rng(seed)
    # Each background row is taken once before one is taken again.
    partners = rng.permutation(len(background))[np.arange(n_pairs) % len(background)]
    joins_at = rng.permuted(np.tile(np.arange(n_features), (n_pairs, 1)), axis=1)
    forward = _contributions_in_order(score, X, background, partners, joins_at)
    backward = _contributions_in_order(score, X, background, partners, n_features - 1 - joins_at)
    weights = _pair_weights(background, partners)
    contributions: Matrix = np.einsum("rpj,pj->rj", (forward + backward) / 2, weights)
    return contributions


def _contributions_in_order(
    score: Score,
    X: Matrix,
    background: Matrix,
    partners: NDArray[np.int64],
    joins_at: NDArray[np.int64],
) -> Matrix:
    """Return what each feature changes when it joins, shape (n_rows, n_pairs, n_features)."""
    n_pairs, n_features = joins_at.shape
    sizes = np.arange(1, n_features)
    masks = (joins_at[:, None, :] < sizes[:, None]).reshape(-1, n_features)
    scores = score_mixtures(score, X, background, masks, np.repeat(partners, n_features - 1))
    steps = np.empty((len(X), n_pairs, n_features + 1))
    steps[:, :, 0] = score(background)[partners]
    steps[:, :, 1:-1] = scores.reshape(len(X), n_pairs, n_features - 1)
    steps[:, :, -1] = score(X)[:, None]
    changes: Matrix = np.take_along_axis(np.diff(steps, axis=2), joins_at[None], axis=2)
    return changes


def _pair_weights(background: Matrix, partners: NDArray[np.int64]) -> Matrix:
    """Weight each pair's estimate of each feature, shape (n_pairs, n_features); columns sum to 1.

    The weighted mean is the regression estimate of the mean over the whole background, given the
    feature's value there and its square.
    """
    place = np.clip(ColumnScaler.fit(background, "standard").transform(background), -_FAR, _FAR)
    known = np.stack([place, place**2], axis=2).transpose(1, 0, 2)
    taken = known[:, partners]
    mean = taken.mean(axis=1, keepdims=True)
    missing = known.mean(axis=1, keepdims=True) - mean
    weights: Matrix = 1 / len(partners) + (missing @ np.linalg.pinv(taken - mean))[:, 0].T
    return weights
