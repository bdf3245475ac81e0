"""Distance from the centre, in units of the spread along each principal component."""

from typing import ClassVar, Literal

from pydantic import Field

from detectors.base import Detector, DetectorConfig
from detectors.scaling import ColumnScaler
from detectors.validation import Matrix, Vector
from detectors.whitening import Whitening


class Pca(Detector):
    """Principal component classifier (Shyu et al. 2003), on standard-scaled columns.

    The score is the sum over all components of the squared coordinate over its variance, the
    latter plus ``shrinkage``: a component that hardly varies, as where columns are collinear, must
    not outweigh all others. PyOD's PCA scores by the distance to the eigenvectors as if
    they were rows, which amounts to the distance from the centre and misses rows that break
    a relation between columns.
    """

    def __init__(self, shrinkage: float = 0.1) -> None:
        self.shrinkage = shrinkage

    def _fit(self, X: Matrix) -> Vector:
        self._scaler = ColumnScaler.fit(X, "standard")
        scaled = self._scaler.transform(X)
        self._whitening = Whitening.of(scaled, self.shrinkage)
        return self._whitening.squared_distance(scaled)

    def _score(self, X: Matrix) -> Vector:
        return self._whitening.squared_distance(self._scaler.transform(X))


class PcaConfig(DetectorConfig):
    """Parameters of ``Pca``."""

    display_name: ClassVar[str] = "PCA"
    category: ClassVar[str] = "linear"
    best_for: ClassVar[str] = "columns that rise and fall together, and rows that break the pattern"
    pros: ClassVar[tuple[str, ...]] = (
        "sees values that are odd only in combination",
        "one pass over the data, nothing random",
    )
    cons: ClassVar[tuple[str, ...]] = (
        "sees straight-line relations only",
        "many anomalies in the training rows widen what counts as normal",
        "expects one cloud of rows, not several",
    )
    requires_scaling: ClassVar[bool] = True

    algorithm: Literal["pca"] = "pca"
    shrinkage: float = Field(
        default=0.1,
        ge=1e-6,
        le=100,
        description="Added to the variance of every component; columns have variance 1. Small: "
        "broken relations count most; large: distance from the centre does.",
    )

    def build(self, seed: int) -> Pca:
        """Return an unfitted detector; nothing in it is random."""
        return Pca(shrinkage=self.shrinkage)
