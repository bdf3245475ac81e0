"""Distance to the nearest row that lies in a dense place."""

from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from detectors.base import Detector, DetectorConfig
from detectors.errors import DetectorError
from detectors.neighbours import Neighbours
from detectors.scaling import ColumnScaler
from detectors.validation import Matrix, Vector

# Of the rows, by the eps chosen when none is given: the more, the more anomalies that lie together
# pass as a cluster.
_CORE_SHARE = 0.5


class Dbscan(Detector):
    """Distance to the nearest core point of DBSCAN (Ester et al. 1996), on robust-scaled columns.

    A core point has ``min_samples`` rows within ``eps``, itself included. A training row scores
    above ``eps`` exactly when DBSCAN calls it noise; a core point, which does not count itself,
    scores ``eps`` at most. New rows are scored by the same distance, and one that equals a core
    point as that core point.

    Clusters are not formed: the core points follow from the distance to the
    ``min_samples``-th nearest row, in memory that grows with the rows, where a list of all
    neighbours within ``eps`` grows with their pairs.

    Attributes:
        eps_: the radius used, in scaled units.
    """

    eps_: float

    def __init__(self, eps: float | None = None, min_samples: int = 10) -> None:
        self.eps = eps
        self.min_samples = min_samples

    def _fit(self, X: Matrix) -> Vector:
        self._scaler = ColumnScaler.fit(X, "robust")
        scaled = self._scaler.transform(X)
        is_core = self._find_core(scaled)
        self._core = Neighbours(scaled[is_core])
        self._others = min(1, int(is_core.sum()) - 1)
        return self._distance(scaled)

    def _find_core(self, scaled: Matrix) -> NDArray[np.bool_]:
        if len(scaled) < self.min_samples:
            raise DetectorError(
                f"dbscan: a core point needs min_samples={self.min_samples} rows, got "
                f"{len(scaled)}: lower min_samples or fit on more rows"
            )
        radius = Neighbours(scaled).of_table(self.min_samples - 1).farthest
        self.eps_ = float(np.quantile(radius, _CORE_SHARE)) if self.eps is None else self.eps
        is_core: NDArray[np.bool_] = radius <= self.eps_
        if not is_core.any():
            raise DetectorError(
                f"dbscan: no row has {self.min_samples} rows within eps={self.eps_:g}: raise eps "
                f"(half of the rows have them within {np.median(radius):.3g}), leave it empty to "
                "have it chosen, or lower min_samples"
            )
        return is_core

    def _score(self, X: Matrix) -> Vector:
        return self._distance(self._scaler.transform(X))

    def _distance(self, scaled: Matrix) -> Vector:
        distance = self._core.to_nearest(scaled)
        is_core = distance == 0
        to_another = self._core.of(scaled[is_core], self._others).mean
        distance[is_core] = np.minimum(to_another, self.eps_)
        return distance


class DbscanConfig(DetectorConfig):
    """Parameters of ``Dbscan``."""

    display_name: ClassVar[str] = "DBSCAN"
    category: ClassVar[str] = "density"
    best_for: ClassVar[str] = "clusters of any shape with empty space between them"
    pros: ClassVar[tuple[str, ...]] = (
        "no shape or number of clusters assumed",
        "the score is a distance anyone can picture",
    )
    cons: ClassVar[tuple[str, ...]] = (
        "one radius for all: clusters of very different density do not fit it",
        "distances say less and less with many columns",
        "anomalies that form a dense group of their own pass as a cluster",
    )
    requires_scaling: ClassVar[bool] = True
    kernels: ClassVar[str | None] = "neighbours"

    algorithm: Literal["dbscan"] = "dbscan"
    eps: float | None = Field(
        default=None,
        gt=0,
        description="Radius of a neighbourhood, in interquartile ranges. Empty: the radius "
        "that makes half of the rows core points.",
    )
    min_samples: int = Field(
        default=10,
        ge=2,
        le=1000,
        description="Rows within eps that make a core point, the row itself included.",
    )

    def build(self, seed: int) -> Dbscan:
        """Return an unfitted detector; nothing in it is random."""
        return Dbscan(eps=self.eps, min_samples=self.min_samples)
