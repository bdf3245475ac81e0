"""Distance from the middle of each column, in units of its spread."""

from typing import ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike
from pydantic import Field

from detectors.base import Detector, DetectorConfig
from detectors.scaling import ColumnScaler, Scaling, column_quantiles
from detectors.validation import Matrix, Vector, check_matrix

Method = Literal["zscore", "iqr", "mad"]

_SCALING: dict[Method, Scaling] = {"zscore": "standard", "iqr": "robust", "mad": "mad"}


class Statistical(Detector):
    """The largest of one term per column; each column is judged on its own.

    A term is, by ``method``:

    - ``zscore``: standard deviations from the mean (Grubbs 1969).
    - ``iqr``: interquartile ranges beyond the nearer quartile, negative between the two; above 1.5
      is outside Tukey's fences (Tukey 1977).
    - ``mad``: median absolute deviations from the median, over 1.4826 to agree with ``zscore`` on
      normal data (Iglewicz and Hoaglin 1993).

    Where most values of a column are equal, the next wider spread takes the place of a median
    absolute deviation or interquartile range of 0 (``ColumnScaler``).

    Attributes:
        terms_: the term of each training value, shape (n_rows, n_features).
    """

    terms_: Matrix

    def __init__(self, method: Method = "mad") -> None:
        self.method = method

    def terms(self, X: ArrayLike) -> Matrix:
        """Return the term of each value of ``X``, shape (n_rows, n_features).

        Raises:
            DetectorError: ``X`` does not fit the training data.
        """
        return self._terms(check_matrix(X, self.n_features_in_))

    def _fit(self, X: Matrix) -> Vector:
        self._scaler = ColumnScaler.fit(X, _SCALING[self.method])
        self._low, self._high = np.zeros((2, X.shape[1]))
        if self.method == "iqr":
            self._low, self._high = self._scaler.transform(column_quantiles(X, [0.25, 0.75]))
        self.terms_ = self._terms(X)
        return self.terms_.max(axis=1)

    def _score(self, X: Matrix) -> Vector:
        return self._terms(X).max(axis=1)

    def _terms(self, X: Matrix) -> Matrix:
        scaled = self._scaler.transform(X)
        return np.maximum(self._low - scaled, scaled - self._high)


class StatisticalConfig(DetectorConfig):
    """Parameters of ``Statistical``."""

    display_name: ClassVar[str] = "Statistical"
    category: ClassVar[str] = "statistical"
    best_for: ClassVar[str] = "single extreme values, with a reason anyone can check by hand"
    pros: ClassVar[tuple[str, ...]] = (
        "explains itself: one term per column",
        "fast on tables of any size",
        "mad and iqr are not moved by the anomalies themselves",
    )
    cons: ClassVar[tuple[str, ...]] = (
        "blind to values that are odd only in combination",
        "expects one peak per column",
    )
    requires_scaling: ClassVar[bool] = False

    algorithm: Literal["statistical"] = "statistical"
    method: Method = Field(
        default="mad",
        description="Unit of distance: zscore (standard deviations from the mean), iqr "
        "(interquartile ranges beyond the quartiles) or mad (median absolute deviations from the "
        "median).",
    )

    def build(self, seed: int) -> Statistical:
        """Return an unfitted detector; nothing in it is random."""
        return Statistical(method=self.method)
