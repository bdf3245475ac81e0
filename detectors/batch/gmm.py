"""How improbable a row is under a mixture of normal distributions."""

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from detectors.base import DetectorConfig
from detectors.errors import DetectorError
from detectors.pyod_detector import PyodDetector
from detectors.scaling import Scaling
from detectors.validation import Matrix, Vector, check_rows

if TYPE_CHECKING:
    from pyod.models.gmm import GMM

CovarianceType = Literal["full", "tied", "diag", "spherical"]

# Each iteration gains at least .001 in mean log-likelihood or is the last: far fewer are needed.
_MAX_ITERATIONS = 1000

# Values in all covariances: 200 MB, of which the library holds several copies.
_MOST_COVARIANCES = 25_000_000

_LARGE_SHARE = 0.9
# As good as 0, but with a logarithm.
_NO_WEIGHT = 1e-300


class Gmm(PyodDetector):
    """Gaussian mixture (Dempster, Laird and Rubin 1977), on standard-scaled columns.

    The score is minus the log-likelihood of a row under the largest components, those that hold
    nine tenths of the rows: a component may close in on a few anomalies, or on a single one, and
    would call them the most normal of all. There are no more components than different rows.
    """

    scaling: ClassVar[Scaling] = "standard"

    def __init__(
        self,
        n_components: int = 3,
        covariance_type: CovarianceType = "full",
        reg_covar: float = 0.01,
        seed: int = 0,
    ) -> None:
        self.n_components = n_components
        self.covariance_type = covariance_type
        self.reg_covar = reg_covar
        self.seed = seed

    def _fit(self, X: Matrix) -> Vector:
        super()._fit(X)
        mixture = self._fitted.detector_
        mixture.weights_ = np.where(_is_large(mixture.weights_), mixture.weights_, _NO_WEIGHT)
        return self._score(X)

    def _estimator(self, scaled: Matrix) -> "GMM":
        from pyod.models.gmm import GMM

        check_rows(scaled, 2, "gmm")
        # K-means, which places the components, tells rows apart no better than this.
        n_distinct = len(np.unique(scaled.round(3), axis=0))
        n_components = self._lower("n_components", n_distinct, n_distinct, "different rows")
        self._check_size(n_components, scaled.shape[1])
        return GMM(
            n_components=n_components,
            covariance_type=self.covariance_type,
            reg_covar=self.reg_covar,
            max_iter=_MAX_ITERATIONS,
            random_state=self.seed,
        )

    def _check_size(self, n_components: int, n_columns: int) -> None:
        most = max(1, _MOST_COVARIANCES // n_columns**2)
        if self.covariance_type == "full" and n_components > most:
            raise DetectorError(
                f"gmm: {n_components} full covariances of {n_columns:,} columns hold "
                f"{n_components * n_columns**2:,} values, at most {_MOST_COVARIANCES:,}: lower "
                f"n_components to {most}, choose covariance_type=tied or diag, or drop columns"
            )


def _is_large(weights: Vector) -> NDArray[np.bool_]:
    """Tell the fewest components that together hold the large share of the rows."""
    by_size = np.argsort(-weights)
    held_by_larger = np.cumsum(weights[by_size]) - weights[by_size]
    is_large = np.empty(len(weights), dtype=bool)
    is_large[by_size] = held_by_larger < _LARGE_SHARE
    return is_large


class GmmConfig(DetectorConfig):
    """Parameters of ``Gmm``."""

    display_name: ClassVar[str] = "Gaussian mixture"
    abbreviation: ClassVar[str | None] = "GMM"
    category: ClassVar[str] = "density"
    best_for: ClassVar[str] = "a few groups of rows, each with relations between columns of its own"
    pros: ClassVar[tuple[str, ...]] = (
        "sees values that are odd only in combination",
        "the score is a log-likelihood",
    )
    cons: ClassVar[tuple[str, ...]] = (
        "the number of groups has to be guessed",
        "a group of more than a tenth of the rows passes as normal, whatever it is",
        "needs many more rows than columns",
    )
    requires_scaling: ClassVar[bool] = True

    algorithm: Literal["gmm"] = "gmm"
    n_components: int = Field(default=3, ge=1, le=100, description="Number of normal components.")
    covariance_type: CovarianceType = Field(
        default="full",
        description="Shape of the components: each its own (full), one for all (tied), axes along "
        "the columns (diag) or round (spherical).",
    )
    reg_covar: float = Field(
        default=0.01,
        ge=1e-6,
        le=100,
        description="Added to every variance; columns have variance 1. Keeps a component from "
        "closing in on a few rows.",
    )

    def build(self, seed: int) -> Gmm:
        """Return an unfitted detector; ``seed`` starts the components."""
        return Gmm(
            n_components=self.n_components,
            covariance_type=self.covariance_type,
            reg_covar=self.reg_covar,
            seed=seed,
        )
