"""Distance to the large clusters."""

from typing import ClassVar, Literal

from pydantic import Field

from detectors.base import Detector, DetectorConfig
from detectors.clusters import LargeClusters
from detectors.scaling import ColumnScaler
from detectors.validation import Matrix, Vector


class Cblof(Detector):
    """Cluster-based local outlier factor (He, Xu and Deng 2003), robust-scaled, unweighted.

    Rows are clustered by k-means, and clusters parted into large and small; the score is the
    distance to the nearest large cluster, mean over ``n_runs`` seeds. Where nothing parts them all
    are large; PyOD refuses such data, plain normal rows among them.
    """

    def __init__(self, n_clusters: int = 8, n_runs: int = 5, seed: int = 0) -> None:
        self.n_clusters = n_clusters
        self.n_runs = n_runs
        self.seed = seed

    def _fit(self, X: Matrix) -> Vector:
        self._scaler = ColumnScaler.fit(X, "robust")
        scaled = self._scaler.transform(X)
        seeds = range(self.seed, self.seed + self.n_runs)
        self._clusters = LargeClusters.fit(scaled, self.n_clusters, seeds)
        n_clusters = self._clusters.n_clusters
        self._lower("n_clusters", n_clusters, n_clusters, "different rows")
        return self._clusters.distance(scaled)

    def _score(self, X: Matrix) -> Vector:
        return self._clusters.distance(self._scaler.transform(X))


class CblofConfig(DetectorConfig):
    """Parameters of ``Cblof``."""

    display_name: ClassVar[str] = "CBLOF"
    category: ClassVar[str] = "clusters"
    best_for: ClassVar[str] = "groups of normal rows, and anomalies alone or in small groups"
    pros: ClassVar[tuple[str, ...]] = (
        "a small group of anomalies does not pass as normal",
        "new rows are scored against a few centres only",
    )
    cons: ClassVar[tuple[str, ...]] = (
        "expects round clusters of similar size",
        "the number of clusters has to be guessed",
    )
    requires_scaling: ClassVar[bool] = True

    algorithm: Literal["cblof"] = "cblof"
    n_clusters: int = Field(default=8, ge=1, le=100, description="Clusters k-means looks for.")
    n_runs: int = Field(
        default=5, ge=1, le=50, description="Clusterings, each with a seed of its own, averaged."
    )

    def build(self, seed: int) -> Cblof:
        """Return an unfitted detector; clusterings take the seeds from ``seed`` on."""
        return Cblof(n_clusters=self.n_clusters, n_runs=self.n_runs, seed=seed)
