"""Distance from the centre of the densest part of the rows, in units of its spread."""

from typing import ClassVar, Literal

from pydantic import Field

from detectors.base import Detector, DetectorConfig
from detectors.sampling import at_most
from detectors.scaling import ColumnScaler
from detectors.validation import Matrix, Vector, check_columns, check_rows
from detectors.whitening import Whitening, shrunk_covariance

MOST_COLUMNS = 400
"""About a minute and a half of one core with 10,000 rows."""


class Mcd(Detector):
    """Minimum covariance determinant (Rousseeuw and Van Driessen 1999), from scikit-learn.

    Finds the ``support_fraction`` of the rows whose covariance has the smallest determinant; the
    score is the squared Mahalanobis distance from them, on standard-scaled columns. The search
    takes a seeded sample of at most ``max_samples`` rows, since the time for more buys nothing.
    ``shrinkage`` is added to every variance (Boudt et al. 2020): without it the determinant of
    discrete or collinear columns is 0 and the search breaks off.
    """

    def __init__(
        self,
        support_fraction: float = 0.75,
        shrinkage: float = 0.1,
        max_samples: int = 10_000,
        seed: int = 0,
    ) -> None:
        self.support_fraction = support_fraction
        self.shrinkage = shrinkage
        self.max_samples = max_samples
        self.seed = seed

    def _fit(self, X: Matrix) -> Vector:
        from sklearn.covariance import fast_mcd

        check_rows(X, 2, "mcd")
        check_columns(X, MOST_COLUMNS, "mcd", "pca, which measures the same without a search")
        self._scaler = ColumnScaler.fit(X, "standard")
        scaled = self._scaler.transform(X)
        sample = at_most(scaled, self.max_samples, self.seed)
        _, _, support, _ = fast_mcd(
            sample,
            support_fraction=self.support_fraction,
            cov_computation_method=self._covariance,
            random_state=self.seed,
        )
        self._whitening = Whitening.of(sample[support], self.shrinkage)
        return self._whitening.squared_distance(scaled)

    def _score(self, X: Matrix) -> Vector:
        return self._whitening.squared_distance(self._scaler.transform(X))

    def _covariance(self, rows: Matrix) -> Matrix:
        return shrunk_covariance(rows, self.shrinkage)


class McdConfig(DetectorConfig):
    """Parameters of ``Mcd``."""

    display_name: ClassVar[str] = "Robust covariance (MCD)"
    abbreviation: ClassVar[str | None] = "MCD"
    category: ClassVar[str] = "linear"
    best_for: ClassVar[str] = "related columns in training rows that hold many anomalies themselves"
    pros: ClassVar[tuple[str, ...]] = (
        "up to a quarter of the rows may be anomalies without moving the centre",
        "sees values that are odd only in combination",
    )
    cons: ClassVar[tuple[str, ...]] = (
        "sees straight-line relations only",
        "expects one cloud of rows, not several",
        "slow with more than a hundred columns, and refuses more than 400",
    )
    requires_scaling: ClassVar[bool] = True

    algorithm: Literal["mcd"] = "mcd"
    support_fraction: float = Field(
        default=0.75,
        ge=0.5,
        le=0.99,
        description="Share of the rows taken for normal; the others may be anything.",
    )
    shrinkage: float = Field(
        default=0.1,
        ge=1e-6,
        le=100,
        description="Added to the variance in every direction; columns have variance 1. Small: "
        "broken relations count most; large: distance from the centre does.",
    )

    max_samples: int = Field(
        default=10_000,
        ge=100,
        le=1_000_000,
        description="Rows searched for the densest part; a larger table is sampled.",
    )

    def build(self, seed: int) -> Mcd:
        """Return an unfitted detector; ``seed`` starts the search for the densest rows."""
        return Mcd(
            support_fraction=self.support_fraction,
            shrinkage=self.shrinkage,
            max_samples=self.max_samples,
            seed=seed,
        )
