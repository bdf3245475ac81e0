"""How well small random samples of rows enclose a row."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from detectors.base import Detector, DetectorConfig
from detectors.scaling import ColumnScaler
from detectors.validation import Matrix, Vector, check_rows


class Inne(Detector):
    """Isolation by nearest-neighbour ensembles (Bandaragoda et al. 2018), robust-scaled.

    Each of ``n_estimators`` samples of ``max_samples`` rows is a set of spheres that reach to the
    next row of the sample. A row in the smallest sphere around it is enclosed by
    (radius of the sphere's neighbour) / (radius of the sphere), outside all spheres by 0. Its score
    is minus the logarithm of the mean over the samples, which ranks rows as the paper's 1 - mean
    does but tells them apart where hardly any sample encloses them. Distances are exact, where
    PyOD's are rounded so that the scores of repeated rows depend on the batch.
    """

    def __init__(self, n_estimators: int = 200, max_samples: int = 8, seed: int = 0) -> None:
        self.n_estimators = n_estimators
        self.max_samples = max_samples
        self.seed = seed

    def _fit(self, X: Matrix) -> Vector:
        check_rows(X, 2, "inne")
        self._scaler = ColumnScaler.fit(X, "robust")
        scaled = self._scaler.transform(X)
        rng = np.random.default_rng(self.seed)
        size = self._lower("max_samples", len(X), len(X))
        self._centres = [
            scaled[rng.choice(len(X), size, replace=False)] for _ in range(self.n_estimators)
        ]
        self._spheres = [_spheres(centres) for centres in self._centres]
        return self._rarely_enclosed(scaled)

    def _score(self, X: Matrix) -> Vector:
        return self._rarely_enclosed(self._scaler.transform(X))

    def _rarely_enclosed(self, scaled: Matrix) -> Vector:
        from scipy.spatial.distance import cdist

        # Half a sample more, so that a row outside all spheres has a score.
        enclosed = np.full(len(scaled), 0.5)
        for centres, (radius, ratio) in zip(self._centres, self._spheres, strict=True):
            inside = cdist(scaled, centres) <= radius
            smallest = np.where(inside, radius, np.inf).argmin(axis=1)
            enclosed += np.where(inside.any(axis=1), ratio[smallest], 0.0)
        return -np.log(enclosed / self.n_estimators)


def _spheres(centres: Matrix) -> tuple[Vector, Vector]:
    """Return the radius of the sphere around each centre, and how well it encloses a row."""
    from scipy.spatial.distance import cdist

    distance = cdist(centres, centres)
    np.fill_diagonal(distance, np.inf)
    radius = distance.min(axis=1)
    neighbour_radius = radius[distance.argmin(axis=1)]
    # Equal rows: both radii are 0, and neither is more isolated than the other.
    ratio = np.divide(neighbour_radius, radius, out=np.ones_like(radius), where=radius > 0)
    return radius, ratio


class InneConfig(DetectorConfig):
    """Parameters of ``Inne``."""

    display_name: ClassVar[str] = "INNE"
    category: ClassVar[str] = "neighbours"
    best_for: ClassVar[str] = "neighbour-based detection on tables too long for knn or lof"
    pros: ClassVar[tuple[str, ...]] = (
        "time grows with the rows, not with their pairs",
        "sees rows that are odd only relative to their neighbours",
    )
    cons: ClassVar[tuple[str, ...]] = (
        "scores are coarse: many rows outside all spheres tie at the top",
        "distances say less and less with many columns",
    )
    requires_scaling: ClassVar[bool] = True

    algorithm: Literal["inne"] = "inne"
    n_estimators: int = Field(
        default=200, ge=1, le=2000, description="Number of samples. More are steadier and slower."
    )
    max_samples: int = Field(
        default=8,
        ge=2,
        le=256,
        description="Rows in each sample. More see finer structure, and more of it as normal.",
    )

    def build(self, seed: int) -> Inne:
        """Return an unfitted detector; ``seed`` draws the samples."""
        return Inne(n_estimators=self.n_estimators, max_samples=self.max_samples, seed=seed)
