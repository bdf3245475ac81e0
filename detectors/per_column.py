"""Detectors that judge each column on its own."""

from abc import abstractmethod

from detectors.base import Detector
from detectors.validation import Matrix, Vector, check_matrix


class PerColumnDetector(Detector):
    """The score is the sum of one term per column, so it explains itself."""

    def terms(self, X: Matrix) -> Matrix:
        """Return the term of each value; the sum along a row is its score.

        Args:
            X: rows, of the training data or new, shape (n_rows, n_features).

        Returns:
            Terms, shape (n_rows, n_features).

        Raises:
            DetectorError: ``X`` does not fit the training data.
        """
        return self._terms(check_matrix(X, self.n_features_in_))

    @abstractmethod
    def _learn(self, X: Matrix) -> None:
        """Learn what is normal in each column of ``X``."""

    @abstractmethod
    def _terms(self, X: Matrix) -> Matrix:
        """Return the term of each value of ``X``."""

    def _fit(self, X: Matrix) -> Vector:
        self._learn(X)
        return self._score(X)

    def _score(self, X: Matrix) -> Vector:
        score: Vector = self._terms(X).sum(axis=1)
        return score
