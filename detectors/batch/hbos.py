"""How sparse the values of each column are around a value."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from detectors.base import DetectorConfig
from detectors.histograms import Histogram
from detectors.per_column import PerColumnDetector
from detectors.scaling import ColumnScaler
from detectors.validation import Matrix


class Hbos(PerColumnDetector):
    """Histogram-based outlier score (Goldstein and Dengel 2012), on standard-scaled columns.

    The term of a value is ``-log2(density + floor)``. The number of bins suits each column, and
    a value on the edge of a bin stays on its side when the column changes units, which in PyOD it
    does not.
    """

    def __init__(self, floor: float = 0.1) -> None:
        self.floor = floor

    def _learn(self, X: Matrix) -> None:
        self._scaler = ColumnScaler.fit(X, "standard")
        self._histograms = [Histogram.fit(values) for values in self._scaler.transform(X).T]

    def _terms(self, X: Matrix) -> Matrix:
        columns = zip(self._histograms, self._scaler.transform(X).T, strict=True)
        density = np.column_stack([histogram.density_at(values) for histogram, values in columns])
        terms: Matrix = -np.log2(density + self.floor)
        return terms


class HbosConfig(DetectorConfig):
    """Parameters of ``Hbos``."""

    display_name: ClassVar[str] = "HBOS"
    category: ClassVar[str] = "statistical"
    best_for: ClassVar[str] = "long tables with unrelated columns, and values in gaps as in tails"
    pros: ClassVar[tuple[str, ...]] = (
        "fast, nothing random",
        "explains itself: one term per column",
        "sees rare values between common ones",
    )
    cons: ClassVar[tuple[str, ...]] = (
        "blind to values that are odd only in combination",
        "all values outside the histogram score alike",
    )
    requires_scaling: ClassVar[bool] = True

    algorithm: Literal["hbos"] = "hbos"
    floor: float = Field(
        default=0.1,
        gt=0,
        le=1,
        description="Added to every density, in rows per standard deviation. Smaller makes empty "
        "bins count more against bins that are merely thin.",
    )

    def build(self, seed: int) -> Hbos:
        """Return an unfitted detector; nothing in it is random."""
        return Hbos(floor=self.floor)
