"""The contract of a batch detector, and of the configuration that builds it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from detectors.config import AlgorithmConfig
from detectors.validation import Matrix, Vector, check_matrix, check_scores


@dataclass(frozen=True)
class Adjustment:
    """A parameter that the training rows did not allow as it was asked for."""

    asked: int
    used: int
    reason: str


class Detector(ABC):
    """PyOD's contract: ``fit``, ``decision_function``, ``decision_scores_``, ``labels_``.

    A higher score is more anomalous, always. Subclasses implement ``_fit`` and ``_score`` and may
    assume a checked matrix; neither may change it.

    Attributes:
        decision_scores_: scores of the training rows, shape (n_rows,). Neighbour-based detectors
            do not count a training row as its own neighbour.
        threshold_: the score above which a row is labelled, here the ``1 - contamination``
            quantile of the training scores. ``detectors.threshold`` has better policies.
        labels_: 1 where ``decision_scores_ > threshold_``, shape (n_rows,).
        adjusted_: the parameters that ``fit`` had to lower, by name.
    """

    contamination: float = 0.1
    decision_scores_: Vector
    threshold_: float
    labels_: NDArray[np.int64]
    adjusted_: Mapping[str, Adjustment] = MappingProxyType({})
    n_features_in_: int

    def fit(self, X: ArrayLike, y: object = None) -> Self:
        """Learn what is normal from ``X``, shape (n_rows, n_features); ``y`` is ignored.

        Raises:
            DetectorError: the data do not allow this detector to be fitted.
        """
        matrix = check_matrix(X)
        self.n_features_in_ = matrix.shape[1]
        self.adjusted_ = {}
        self.decision_scores_ = check_scores(self._fit(matrix), len(matrix))
        self.threshold_ = float(np.quantile(self.decision_scores_, 1 - self.contamination))
        self.labels_ = (self.decision_scores_ > self.threshold_).astype(np.int64)
        return self

    def decision_function(self, X: ArrayLike) -> Vector:
        """Score rows, as training rows where they equal one.

        Args:
            X: rows to score, shape (n_rows, n_features).

        Returns:
            Scores, shape (n_rows,); a row's score does not depend on the other rows of ``X``.

        Raises:
            DetectorError: ``X`` does not fit the training data, or cannot be scored.
        """
        matrix = check_matrix(X, self.n_features_in_)
        return check_scores(self._score(matrix), len(matrix))

    def predict(self, X: ArrayLike) -> NDArray[np.int64]:
        """Return 1 for rows that score above ``threshold_``, else 0; shape (n_rows,)."""
        return (self.decision_function(X) > self.threshold_).astype(np.int64)

    def _lower(self, parameter: str, most: int, n_rows: int, rows: str = "rows") -> int:
        """Return a parameter, or ``most`` and note in ``adjusted_`` that it was lowered.

        Args:
            parameter: the attribute that holds it.
            most: what the training rows allow.
            n_rows: how many there are.
            rows: what is counted.
        """
        asked: int = getattr(self, parameter)
        if asked <= most:
            return asked
        lowered = Adjustment(asked, most, f"fitted on {n_rows:,} {rows}")
        self.adjusted_ = {**self.adjusted_, parameter: lowered}
        return most

    @abstractmethod
    def _fit(self, X: Matrix) -> Vector:
        """Fit on ``X`` and return the scores of its rows."""

    @abstractmethod
    def _score(self, X: Matrix) -> Vector:
        """Score the rows of ``X`` against what ``_fit`` learnt."""


class DetectorConfig(AlgorithmConfig):
    """Parameters of one batch detector."""

    @abstractmethod
    def build(self, seed: int) -> Detector:
        """Return an unfitted detector with these parameters."""
