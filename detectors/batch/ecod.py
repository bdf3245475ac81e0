"""How far each value lies in the tails of its column."""

from typing import ClassVar, Literal

import numpy as np

from detectors.base import DetectorConfig
from detectors.ecdf import ColumnEcdf
from detectors.per_column import PerColumnDetector
from detectors.validation import Matrix


class Ecod(PerColumnDetector):
    """Empirical cumulative distribution (Li et al. 2022), with the terms PyOD uses.

    The term of a value is the largest of its rarity to the left, to the right, and on the side of
    the column's longer tail (both together in a symmetric column). New rows are held against the
    training rows alone, where PyOD's scores depend on the batch.
    """

    def _learn(self, X: Matrix) -> None:
        self._ecdf = ColumnEcdf(X)

    def _terms(self, X: Matrix) -> Matrix:
        left, right, skewed = self._ecdf.left(X), self._ecdf.right(X), self._ecdf.skewed
        terms: Matrix = np.where(skewed == 0, left + right, np.maximum(left, right))
        return terms


class EcodConfig(DetectorConfig):
    """ECOD has no parameters."""

    display_name: ClassVar[str] = "ECOD"
    category: ClassVar[str] = "statistical"
    best_for: ClassVar[str] = "a first look without choosing anything, with a reason per column"
    pros: ClassVar[tuple[str, ...]] = (
        "no parameters, nothing random",
        "explains itself: one term per column",
        "works on ranks, so no unit of measurement matters",
    )
    cons: ClassVar[tuple[str, ...]] = (
        "blind to values that are odd only in combination",
        "values beyond the training range score alike, however far out",
        "expects anomalies in the tails, not in gaps",
    )
    requires_scaling: ClassVar[bool] = False

    algorithm: Literal["ecod"] = "ecod"

    def build(self, seed: int) -> Ecod:
        """Return an unfitted detector; nothing in it is random."""
        return Ecod()
