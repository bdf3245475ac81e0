"""How improbable the values of a row are together, were the columns bound by a copula only."""

from typing import ClassVar, Literal

import numpy as np

from detectors.base import DetectorConfig
from detectors.ecdf import ColumnEcdf
from detectors.per_column import PerColumnDetector
from detectors.validation import Matrix


class Copod(PerColumnDetector):
    """Empirical copula (Li et al. 2020), with the terms PyOD uses.

    The term of a value is the larger of its rarity on the side of the column's longer tail (both
    together in a symmetric column) and the mean of its rarity to the left and to the right. New
    rows are held against the training rows alone, where PyOD's scores depend on the batch.
    """

    def _learn(self, X: Matrix) -> None:
        self._ecdf = ColumnEcdf(X)

    def _terms(self, X: Matrix) -> Matrix:
        left, right, skewed = self._ecdf.left(X), self._ecdf.right(X), self._ecdf.skewed
        in_tail = np.where(skewed < 0, left, np.where(skewed > 0, right, left + right))
        terms: Matrix = np.maximum(in_tail, (left + right) / 2)
        return terms


class CopodConfig(DetectorConfig):
    """COPOD has no parameters."""

    display_name: ClassVar[str] = "COPOD"
    category: ClassVar[str] = "statistical"
    best_for: ClassVar[str] = "skewed columns whose anomalies lie in the longer tail"
    pros: ClassVar[tuple[str, ...]] = (
        "no parameters, nothing random",
        "explains itself: one term per column",
        "works on ranks, so no unit of measurement matters",
    )
    cons: ClassVar[tuple[str, ...]] = (
        "gives little weight to the shorter tail of a column",
        "blind to values that are odd only in combination",
        "values beyond the training range score alike, however far out",
    )
    requires_scaling: ClassVar[bool] = False

    algorithm: Literal["copod"] = "copod"

    def build(self, seed: int) -> Copod:
        """Return an unfitted detector; nothing in it is random."""
        return Copod()
