"""A synthetic reference sample: rows like those of a table, but without its anomalies."""

import numpy as np
from numpy.typing import NDArray

from detectors.marginals import Marginal, level_count
from detectors.validation import Matrix

_MIN_ROWS = 2_000
_MAX_ROWS = 20_000
_MAX_ROWS_ASKED_FOR = 100_000
_MAX_CELLS = 4_000_000
# Keeps sums and extrapolated values below the largest float64.
_SHRINK = 2.0**-10
# Of a variance of 1, in every direction: makes a correlation positive definite.
_RIDGE = 1e-6


def draw_clean_twin(X: Matrix, seed: int, least: int = 0) -> Matrix:
    """Draw rows from a Gaussian copula (Nelsen 2006) with the columns' own values.

    Columns keep their distribution and their rank correlation with each other. Beyond its 5 % and
    95 % quantiles a column goes on with a generalised Pareto tail, and values that at least 1 % of
    the rows share keep their share, so that a discrete column stays discrete. Where one value
    stands for many rows, as zero or a filled gap does, which columns have another value in the same
    row is taken from a row of the table drawn at random, and the copula binds the other values.
    Where most values are levels, rows that at least 1 % of the table repeat keep their share too.

    Args:
        X: finite rows, shape (n_rows, n_features); a larger table is sampled.
        seed: of the sample and the draw.
        least: rows that a rare event asks for.

    Returns:
        Finite rows, shape (m, n_features): m = n_rows, at least 2,000, and at most 20,000; more
        where ``least`` asks for it, up to 100,000; fewer in a wide table, 4,000,000 values at most.
    """
    rng = np.random.default_rng(seed)
    widest = max(_MIN_ROWS, _MAX_CELLS // X.shape[1])
    most = min(_MAX_ROWS, widest)
    size = max(len(X), _MIN_ROWS)
    size = min(max(min(size, _MAX_ROWS), min(least, _MAX_ROWS_ASKED_FOR)), widest)
    if len(X) > most:
        X = X[rng.choice(len(X), most, replace=False)]
    columns = [Marginal.of(column) for column in (X * _SHRINK).T]
    normal = _standardise(np.array([column.normal_scores for column in columns]))
    is_parted = np.array([column.main_level is not None for column in columns])
    is_other = np.ones((len(columns), size), dtype=bool)
    expected: Matrix | float = 0.0
    if is_parted.any():
        others = np.array([column.is_other for column in columns])[is_parted]
        rows = rng.integers(len(X), size=size)
        is_other[is_parted] = others[:, rows]
        normal, expected = _explain(normal, others, rows)
    covariance = normal @ normal.T / len(X)
    covariance[np.diag_indices_from(covariance)] += _RIDGE
    z = np.linalg.cholesky(covariance) @ rng.standard_normal((size, len(columns))).T
    z += expected
    with np.errstate(over="ignore"):
        drawn = [column.draw(*one) for column, *one in zip(columns, z, is_other, strict=True)]
        twin = np.column_stack(drawn) / _SHRINK
    largest = np.finfo(np.float64).max
    twin = np.clip(twin, -largest, largest)
    if all(column.is_mostly_levels for column in columns):
        _keep_repeated(X, twin, rng)
    return twin


def _keep_repeated(X: Matrix, twin: Matrix, rng: np.random.Generator) -> None:
    """Give each row that a level's share of ``X`` repeats, or more, the same share of ``twin``."""
    multipliers: NDArray[np.uint64] = rng.integers(2**64, size=(X.shape[1],), dtype=np.uint64)
    keys, first, counts = np.unique(_keys(X, multipliers), return_index=True, return_counts=True)
    is_level = counts >= level_count(len(X))
    if not is_level.any():
        return
    levels, counts = X[first[is_level]], counts[is_level]
    others = twin[~np.isin(_keys(twin, multipliers), keys[is_level])]
    at_level = rng.random(len(twin)) < (counts.sum() / len(X) if len(others) else 1.0)
    twin[at_level] = rng.choice(levels, at_level.sum(), p=counts / counts.sum())
    if not at_level.all():
        twin[~at_level] = rng.choice(others, (~at_level).sum())


def _keys(rows: Matrix, multipliers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return a number for each row that equal rows share, and hardly any others."""
    bits = (rows + 0.0).view(np.uint64)  # of the two zeros, one
    keys: NDArray[np.uint64] = ((bits ^ (bits >> 32)) * multipliers).sum(axis=1)
    return keys


def _explain(
    normal: Matrix, others: NDArray[np.bool_], rows: NDArray[np.int64]
) -> tuple[Matrix, Matrix]:
    """Part the normal scores into what follows from where values are others, and the rest.

    Args:
        normal: standardised normal scores, shape (n_features, n_rows).
        others: which values are not at the main level, shape (n_parted, n_rows).
        rows: rows drawn, shape (m,).

    Returns:
        The rest, the shape of ``normal``, and what to expect in the rows drawn, shape
        (n_features, m).
    """
    pattern = _standardise(others.astype(np.float64))
    gram = pattern @ pattern.T / pattern.shape[1] + _RIDGE * np.eye(len(pattern))
    weights = np.linalg.solve(gram, pattern @ normal.T / pattern.shape[1]).T
    expected = weights @ pattern
    return normal - expected, expected[:, rows]


def _standardise(rows: Matrix) -> Matrix:
    """Return each row with mean 0 and variance 1; all 0 where it is constant."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    spread = np.sqrt(np.mean(centred**2, axis=1, keepdims=True))
    return centred / np.where(spread > 0, spread, 1.0)
