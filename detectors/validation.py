"""The checks every detector makes at its door."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from detectors.errors import DetectorError

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]


def check_matrix(X: ArrayLike, n_features: int | None = None) -> Matrix:
    """Return ``X`` as a finite, C-contiguous float64 matrix.

    Args:
        X: rows to fit or score, shape (n_rows, n_features).
        n_features: the number of columns seen by ``fit``; not checked when omitted.

    Raises:
        DetectorError: no rows, no columns, another number of columns, or a value not finite.
    """
    matrix = np.ascontiguousarray(X, dtype=np.float64)
    if matrix.ndim != 2:
        raise DetectorError(f"expected a table of rows and columns, got {matrix.ndim} dimension(s)")
    n_rows, n_columns = matrix.shape
    if n_rows == 0 or n_columns == 0:
        raise DetectorError(f"nothing to score: {n_rows} rows x {n_columns} columns")
    if n_features is not None and n_columns != n_features:
        raise DetectorError(f"fitted on {n_features} columns, got {n_columns}: pass the same ones")
    if not np.isfinite(matrix).all():
        raise DetectorError("NaN or infinite values: impute or drop them before fitting or scoring")
    return matrix


def check_rows(X: Matrix, minimum: int, algorithm: str, kind: str = "rows") -> None:
    """Refuse fewer rows, of some ``kind``, than ``algorithm`` can be fitted on.

    Raises:
        DetectorError: ``X`` has fewer than ``minimum`` rows.
    """
    if len(X) < minimum:
        raise DetectorError(
            f"{algorithm} needs at least {minimum} {kind}, got {len(X)}: fit on more rows, "
            "or choose isolation_forest"
        )


def check_columns(X: Matrix, most: int, algorithm: str, instead: str) -> None:
    """Refuse more columns than ``algorithm`` is done with in bounded time and memory.

    Args:
        X: rows to fit.
        most: columns, at most.
        algorithm: its name.
        instead: what to choose for a wider table.

    Raises:
        DetectorError: ``X`` has more than ``most`` columns.
    """
    if X.shape[1] > most:
        raise DetectorError(
            f"{algorithm} takes at most {most:,} columns, got {X.shape[1]:,}, for its time grows "
            f"with their cube: choose {instead}, or name fewer columns"
        )


def check_scores(scores: ArrayLike, n_rows: int) -> Vector:
    """Return ``scores`` as a float64 vector, shape (n_rows,), with no NaN.

    Raises:
        DetectorError: another length, or a score that is not finite.
    """
    vector = np.ascontiguousarray(scores, dtype=np.float64)
    if vector.shape != (n_rows,):
        raise DetectorError(f"expected {n_rows} scores, got an array of shape {vector.shape}")
    if not np.isfinite(vector).all():
        raise DetectorError(
            "scores are not finite: values span too wide a range for this detector; "
            "rescale or drop the extreme column, or choose isolation_forest"
        )
    return vector
