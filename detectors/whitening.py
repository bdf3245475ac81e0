"""Distance from a centre, in units of how far the data spread in each direction."""

from typing import Self

import numpy as np

from detectors.validation import Matrix, Vector


class Whitening:
    """Squared Mahalanobis distance, by way of the eigenvectors of a covariance."""

    def __init__(self, centre: Vector, covariance: Matrix) -> None:
        """Take the centre, shape (d,), and a positive definite covariance, shape (d, d)."""
        variances, directions = np.linalg.eigh(covariance)
        self._centre = centre
        self._to_white = directions / np.sqrt(variances)

    @classmethod
    def of(cls, rows: Matrix, shrinkage: float) -> Self:
        """Centre and spread of ``rows``, shape (n, d)."""
        return cls(rows.mean(axis=0), shrunk_covariance(rows, shrinkage))

    def squared_distance(self, rows: Matrix) -> Vector:
        """Return one distance a row, shape (n,)."""
        white = (rows - self._centre) @ self._to_white
        distance: Vector = np.square(white).sum(axis=1)
        return distance


def shrunk_covariance(rows: Matrix, shrinkage: float) -> Matrix:
    """Return the covariance of ``rows``, shape (n, d), plus ``shrinkage`` in every direction.

    No direction has less variance than that, so constant and collinear columns do no harm.
    """
    centred = rows - rows.mean(axis=0)
    return centred.T @ centred / len(rows) + shrinkage * np.eye(rows.shape[1])
