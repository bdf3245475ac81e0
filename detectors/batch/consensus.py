"""Three detectors that fail in different ways, averaged on the scale of tail probabilities."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from detectors.base import Detector, DetectorConfig
from detectors.clusters import LargeClusters
from detectors.column_gaps import ColumnGaps
from detectors.histograms import Histogram
from detectors.neighbours import Neighbours
from detectors.scaling import ColumnScaler
from detectors.tails import rarity
from detectors.validation import Matrix, Vector

# Added to a density so that an empty bin has a logarithm.
_DENSITY_FLOOR = 0.1
# A value is gross, see ``ColumnGaps``, beyond what samples of so many rows hold.
_USUAL_SAMPLE = 256


class Consensus(Detector):
    """Mean rarity over a histogram, a cluster and a neighbour based score.

    - HBOS (Goldstein and Dengel 2012) on standard-scaled columns: minus the sum of
      ``log2(density + 0.1)``.
    - CBLOF (He, Xu and Deng 2003) on robust-scaled columns, their extremes drawn in by
      ``sign(x) ln(1 + |x|)``: distance to the nearest large cluster, mean over ``n_runs`` seeds.
    - kNN (Angiulli and Pizzuti 2002) on robust-scaled columns: mean distance to ``n_neighbors``.

    Each score is replaced by minus the logarithm of the share of training rows that score as high,
    and the three are averaged. A new row that equals a training row scores as that one does. Beyond
    the training rows in all three views, rows would score alike: a gross value, see ``ColumnGaps``,
    adds the cuts that it saves an isolation forest.
    """

    _gaps: ColumnGaps | None = None  # those stored by earlier versions have none

    def __init__(
        self, n_neighbors: int = 50, n_clusters: int = 8, n_runs: int = 5, seed: int = 0
    ) -> None:
        self.n_neighbors = n_neighbors
        self.n_clusters = n_clusters
        self.n_runs = n_runs
        self.seed = seed

    def _fit(self, X: Matrix) -> Vector:
        self._standard = ColumnScaler.fit(X, "standard")
        self._robust = ColumnScaler.fit(X, "robust")
        standard, robust = self._scale(X)
        self._histograms = [Histogram.fit(values) for values in standard.T]
        drawn_in = _draw_in(robust)
        seeds = range(self.seed, self.seed + self.n_runs)
        self._clusters = LargeClusters.fit(drawn_in, self.n_clusters, seeds)
        n_clusters = self._clusters.n_clusters
        self._lower("n_clusters", n_clusters, n_clusters, "different rows")
        self._neighbours = Neighbours(robust)
        self._k = self._lower("n_neighbors", len(X) - 1, len(X))
        members = (
            self._sparsity(standard),
            self._clusters.distance(drawn_in),
            self._neighbours.of_table(self._k).mean,
        )
        self._ordered = [np.sort(scores) for scores in members]
        self._gaps = ColumnGaps.fit(X, _USUAL_SAMPLE, self.seed)
        return self._mean_rarity(members) + self._gaps.saved_by_row(X)

    def _score(self, X: Matrix) -> Vector:
        standard, robust = self._scale(X)
        scores = self._mean_rarity(
            (
                self._sparsity(standard),
                self._clusters.distance(_draw_in(robust)),
                self._neighbours.of(robust, self._k).mean,
            )
        )
        return scores + self._gaps.saved_by_row(X) if self._gaps else scores

    def _mean_rarity(self, members: tuple[Vector, ...]) -> Vector:
        pairs = zip(self._ordered, members, strict=True)
        return np.mean([rarity(*pair) for pair in pairs], axis=0)

    def _scale(self, X: Matrix) -> tuple[Matrix, Matrix]:
        return _steady(self._standard.transform(X)), _steady(self._robust.transform(X))

    def _sparsity(self, standard: Matrix) -> Vector:
        total = np.zeros(len(standard))
        for histogram, values in zip(self._histograms, standard.T, strict=True):
            total -= np.log2(histogram.density_at(values) + _DENSITY_FLOOR)
        return total


def _steady(scaled: Matrix) -> Matrix:
    """Keep 36 of 53 binary digits: a change of units rounds the last ones anew, and breaks ties."""
    _, exponent = np.frexp(scaled)
    unit = np.ldexp(1.0, np.maximum(exponent, 0) - 36)
    steady: Matrix = np.rint(scaled / unit) * unit
    return steady


def _draw_in(robust: Matrix) -> Matrix:
    drawn_in: Matrix = np.sign(robust) * np.log1p(np.abs(robust))
    return drawn_in


class ConsensusConfig(DetectorConfig):
    """Parameters of ``Consensus``."""

    display_name: ClassVar[str] = "Consensus"
    category: ClassVar[str] = "ensemble"
    best_for: ClassVar[str] = "a ranking to rely on when the kind of anomaly is not known"
    pros: ClassVar[tuple[str, ...]] = (
        "among the most accurate here on public labelled tables",
        "three views, so that no single blind spot decides",
        "unchanged when columns change units",
    )
    cons: ClassVar[tuple[str, ...]] = ("slower than isolation_forest, much so above 100,000 rows",)
    requires_scaling: ClassVar[bool] = True
    kernels: ClassVar[str | None] = "neighbours"

    algorithm: Literal["consensus"] = "consensus"
    n_neighbors: int = Field(
        default=50, ge=1, le=1000, description="Nearest neighbours whose distances are averaged."
    )
    n_clusters: int = Field(default=8, ge=1, le=100, description="Clusters k-means looks for.")
    n_runs: int = Field(
        default=5, ge=1, le=50, description="Clusterings, each with a seed of its own, averaged."
    )

    def build(self, seed: int) -> Consensus:
        """Return an unfitted detector; clusterings take the seeds from ``seed`` on."""
        return Consensus(
            n_neighbors=self.n_neighbors,
            n_clusters=self.n_clusters,
            n_runs=self.n_runs,
            seed=seed,
        )
