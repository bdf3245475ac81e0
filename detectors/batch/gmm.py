"""How improbable a row is under a mixture of normal distributions."""

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from detectors.base import DetectorConfig
from detectors.pyod_detector import PyodDetector
from detectors.scaling import Scaling
from detectors.validation import Matrix, check_rows

if TYPE_CHECKING:
    from pyod.models.gmm import GMM

CovarianceType = Literal["full", "tied", "diag", "spherical"]

# Each iteration gains at least .001 in mean log-likelihood or is the last: far fewer are needed.
_MAX_ITERATIONS = 1000


class Gmm(PyodDetector):
    """Gaussian mixture (Dempster, Laird and Rubin 1977), on standard-scaled columns.

    The score is minus the log-likelihood of a row. There are no more components than rows that
    differ noticeably.
    """

    scaling: ClassVar[Scaling] = "standard"

    def __init__(
        self,
        n_components: int = 4,
        covariance_type: CovarianceType = "full",
        reg_covar: float = 0.01,
        seed: int = 0,
    ) -> None:
        self.n_components = n_components
        self.covariance_type = covariance_type
        self.reg_covar = reg_covar
        self.seed = seed

    def _estimator(self, scaled: Matrix) -> "GMM":
        from pyod.models.gmm import GMM

        check_rows(scaled, 2, "gmm")
        n_distinct = len(np.unique(scaled.round(3), axis=0))
        return GMM(
            n_components=min(self.n_components, n_distinct),
            covariance_type=self.covariance_type,
            reg_covar=self.reg_covar,
            max_iter=_MAX_ITERATIONS,
            random_state=self.seed,
        )


class GmmConfig(DetectorConfig):
    """Parameters of ``Gmm``."""

    display_name: ClassVar[str] = "Gaussian mixture"
    category: ClassVar[str] = "density"
    best_for: ClassVar[str] = "a few groups of rows, each with relations between columns of its own"
    pros: ClassVar[tuple[str, ...]] = (
        "sees values that are odd only in combination",
        "the score is a log-likelihood",
    )
    cons: ClassVar[tuple[str, ...]] = (
        "the number of groups has to be guessed",
        "a group of anomalies can get a component of its own and pass as normal",
        "needs many more rows than columns",
    )
    requires_scaling: ClassVar[bool] = True

    algorithm: Literal["gmm"] = "gmm"
    n_components: int = Field(default=4, ge=1, le=100, description="Number of normal components.")
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
