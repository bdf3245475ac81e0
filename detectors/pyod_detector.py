"""The one adapter between PyOD's detectors and ours."""

from abc import abstractmethod
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, ClassVar

from detectors.base import Detector
from detectors.scaling import ColumnScaler, Scaling
from detectors.validation import Matrix, Vector

if TYPE_CHECKING:
    from pyod.models.base import BaseDetector


class PyodDetector(Detector):
    """A detector of PyOD on scaled columns.

    PyOD's own threshold and labels are not used: ``Detector`` sets them.
    """

    scaling: ClassVar[Scaling]

    @abstractmethod
    def _estimator(self, scaled: Matrix) -> "BaseDetector":
        """Return PyOD's detector, unfitted, for these training rows.

        PyOD takes a second to import, so it is imported here and not with the module.

        Raises:
            DetectorError: it cannot be fitted on so few rows.
        """

    def _fit(self, X: Matrix) -> Vector:
        self._scaler = ColumnScaler.fit(X, self.scaling)
        scaled = self._scaler.transform(X)
        estimator = self._estimator(scaled)
        with _one_thread():
            self._fitted = estimator.fit(scaled)
        scores: Vector = self._fitted.decision_scores_
        return scores

    def _score(self, X: Matrix) -> Vector:
        with _one_thread():
            scores: Vector = self._fitted.decision_function(self._scaler.transform(X))
        return scores


def _one_thread() -> AbstractContextManager[object]:
    """Keep k-means and neighbour searches to the calling thread.

    Their own threads add up in any order, so that two fits would differ, and wait for each other
    longer than they work when several tables are scored side by side.
    """
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[object] = threadpool_limits(1, user_api="openmp")
    return limits
