"""How much thinner the rows lie around a row than around its neighbours."""

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from detectors.base import DetectorConfig
from detectors.pyod_detector import PyodDetector
from detectors.scaling import Scaling
from detectors.validation import Matrix, Vector, check_rows

if TYPE_CHECKING:
    from pyod.models.lof import LOF


class Lof(PyodDetector):
    """Local outlier factor (Breunig et al. 2000), on robust-scaled columns.

    About 1 where rows lie as densely as around the neighbours, larger where they are sparser. Rows
    that repeat are fitted once: otherwise the density around them is infinite and every row nearby
    an outlier, the case for which the paper asks for neighbours at different places. A training row
    does not count itself, and a new row that equals one scores as that one does; there may be fewer
    than ``n_neighbors`` others.
    """

    scaling: ClassVar[Scaling] = "robust"

    def __init__(self, n_neighbors: int = 20) -> None:
        self.n_neighbors = n_neighbors

    def _fit(self, X: Matrix) -> Vector:
        distinct, place = np.unique(X, axis=0, return_inverse=True)
        check_rows(distinct, 2, "lof", "different rows")
        scores = super()._fit(distinct)
        self._known = dict(zip(_as_bytes(distinct), scores.tolist(), strict=True))
        return scores[place]

    def _score(self, X: Matrix) -> Vector:
        rows, place = np.unique(X, axis=0, return_inverse=True)
        known = [self._known.get(row) for row in _as_bytes(rows)]
        is_new = np.array([score is None for score in known])
        scores = np.array(known, dtype=np.float64)
        if is_new.any():
            scores[is_new] = super()._score(rows[is_new])
        return scores[place]

    def _estimator(self, scaled: Matrix) -> "LOF":
        from pyod.models.lof import LOF

        n = len(scaled)
        return LOF(n_neighbors=self._lower("n_neighbors", n - 1, n, "different rows"))


def _as_bytes(rows: Matrix) -> list[bytes]:
    """Return each row as a key that equal rows share: adding 0 makes one zero of the two."""
    return [row.tobytes() for row in rows + 0.0]


class LofConfig(DetectorConfig):
    """Parameters of ``Lof``."""

    display_name: ClassVar[str] = "Local outlier factor"
    abbreviation: ClassVar[str | None] = "LOF"
    category: ClassVar[str] = "neighbours"
    best_for: ClassVar[str] = "clusters of different density, and rows just outside one of them"
    pros: ClassVar[tuple[str, ...]] = (
        "judges a row by its own surroundings",
        "the score has a meaning: 2 is half as dense as the neighbours",
    )
    cons: ClassVar[tuple[str, ...]] = (
        "slow above 100,000 rows",
        "misses anomalies that lie together, more than n_neighbors of them",
        "distances say less and less with many columns",
    )
    requires_scaling: ClassVar[bool] = True

    algorithm: Literal["lof"] = "lof"
    n_neighbors: int = Field(
        default=20,
        ge=1,
        le=1000,
        description="Number of neighbours; larger than any group of anomalies that lie together.",
    )

    def build(self, seed: int) -> Lof:
        """Return an unfitted detector; nothing in it is random."""
        return Lof(n_neighbors=self.n_neighbors)
