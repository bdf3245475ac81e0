"""Distance to the nearest neighbours."""

from typing import ClassVar, Literal

from pydantic import Field

from detectors.base import Detector, DetectorConfig
from detectors.neighbours import Neighbours
from detectors.scaling import ColumnScaler
from detectors.validation import Matrix, Vector, check_rows

Method = Literal["largest", "mean"]


class Knn(Detector):
    """Distance to the k-th nearest row (Ramaswamy et al. 2000), on robust-scaled columns.

    ``method`` "mean" takes the mean over the k nearest instead (Angiulli and Pizzuti 2002).
    A training row does not count itself; there may be fewer than k others.
    """

    def __init__(self, n_neighbors: int = 20, method: Method = "largest") -> None:
        self.n_neighbors = n_neighbors
        self.method = method

    def _fit(self, X: Matrix) -> Vector:
        check_rows(X, 2, "knn")
        self._scaler = ColumnScaler.fit(X, "robust")
        self._neighbours = Neighbours(self._scaler.transform(X))
        self._k = self._lower("n_neighbors", len(X) - 1, len(X))
        distances = self._neighbours.of_table(self._k)
        return distances.mean if self.method == "mean" else distances.farthest

    def _score(self, X: Matrix) -> Vector:
        distances = self._neighbours.of(self._scaler.transform(X), self._k)
        return distances.mean if self.method == "mean" else distances.farthest


class KnnConfig(DetectorConfig):
    """Parameters of ``Knn``."""

    display_name: ClassVar[str] = "k nearest neighbours"
    abbreviation: ClassVar[str | None] = "kNN"
    category: ClassVar[str] = "neighbours"
    best_for: ClassVar[str] = "normal rows of any shape, in one or several clusters"
    pros: ClassVar[tuple[str, ...]] = (
        "no shape assumed, nothing random",
        "the score is a distance anyone can picture",
    )
    cons: ClassVar[tuple[str, ...]] = (
        "slow above 100,000 rows",
        "distances say less and less with many columns",
        "clusters of different density are held to one distance",
    )
    requires_scaling: ClassVar[bool] = True
    kernels: ClassVar[str | None] = "neighbours"

    algorithm: Literal["knn"] = "knn"
    n_neighbors: int = Field(
        default=20,
        ge=1,
        le=1000,
        description="Number of neighbours; larger than any group of anomalies that lie together.",
    )
    method: Method = Field(
        default="largest",
        description="Distance to the farthest of the neighbours, or the mean over all of them.",
    )

    def build(self, seed: int) -> Knn:
        """Return an unfitted detector; nothing in it is random."""
        return Knn(n_neighbors=self.n_neighbors, method=self.method)
