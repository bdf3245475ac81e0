"""A smooth boundary around the rows, of any shape."""

from typing import ClassVar, Literal

from pydantic import Field

from detectors.base import Detector, DetectorConfig
from detectors.sampling import at_most
from detectors.scaling import ColumnScaler
from detectors.validation import Matrix, Vector


class OneClassSvm(Detector):
    """Support vector machine of one class (Schölkopf et al. 2001), from scikit-learn.

    The kernel is Gaussian, on standard-scaled columns: the linear, polynomial and sigmoid ones
    part the data from the origin, which is their middle, and rank anomalies worse than chance.
    Time is quadratic in the rows trained on, so these are a seeded sample of at most
    ``max_samples``; all rows are scored. The score is the distance to the boundary in the space of
    the kernel, positive outside.
    """

    def __init__(
        self,
        nu: float = 0.5,
        gamma: float | None = None,
        max_samples: int = 2000,
        seed: int = 0,
    ) -> None:
        self.nu = nu
        self.gamma = gamma
        self.max_samples = max_samples
        self.seed = seed

    def _fit(self, X: Matrix) -> Vector:
        from sklearn.svm import OneClassSVM

        self._scaler = ColumnScaler.fit(X, "standard")
        scaled = self._scaler.transform(X)
        gamma = "scale" if self.gamma is None else self.gamma
        self._svm = OneClassSVM(kernel="rbf", nu=self.nu, gamma=gamma)
        self._svm.fit(at_most(scaled, self.max_samples, self.seed % 2**32))
        return self._distance(scaled)

    def _score(self, X: Matrix) -> Vector:
        return self._distance(self._scaler.transform(X))

    def _distance(self, scaled: Matrix) -> Vector:
        # scikit-learn's is positive inside.
        inside: Vector = self._svm.decision_function(scaled)
        return -inside


class OneClassSvmConfig(DetectorConfig):
    """Parameters of ``OneClassSvm``."""

    display_name: ClassVar[str] = "One-class SVM"
    category: ClassVar[str] = "boundary"
    best_for: ClassVar[str] = "a few thousand rows whose normal region has an irregular shape"
    pros: ClassVar[tuple[str, ...]] = (
        "one smooth boundary of any shape",
        "a row is scored against the support vectors only",
    )
    cons: ClassVar[tuple[str, ...]] = (
        "training is quadratic in the rows: larger tables are sampled",
        "rows far outside all score alike",
        "sensitive to nu and gamma",
    )
    requires_scaling: ClassVar[bool] = True

    algorithm: Literal["one_class_svm"] = "one_class_svm"
    nu: float = Field(
        default=0.5,
        gt=0,
        le=1,
        description="Share of the training rows that may lie outside the boundary, at most; with "
        "less, the anomalies among them pull it outwards.",
    )
    gamma: float | None = Field(
        default=None,
        gt=0,
        description="How narrow the kernel is. Empty: 1 / (number of columns that vary).",
    )
    max_samples: int = Field(
        default=2000,
        ge=2,
        le=50_000,
        description="Rows to train on; a larger table is sampled, since time is quadratic.",
    )

    def build(self, seed: int) -> OneClassSvm:
        """Return an unfitted detector; ``seed`` chooses the sample."""
        return OneClassSvm(
            nu=self.nu,
            gamma=self.gamma,
            max_samples=self.max_samples,
            seed=seed,
        )
