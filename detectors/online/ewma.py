"""How far a value lies from a mean that forgets, in units of a deviation that forgets."""

from collections.abc import Mapping
from math import ceil
from typing import Any, ClassVar, Literal

from numpy.typing import NDArray
from pydantic import Field

from detectors.online.base import Observations, OnlineDetector, OnlineDetectorConfig, OnlineSetup
from detectors.validation import Matrix, Vector


class Ewma(OnlineDetector):
    """Judges each column by its exponentially weighted mean and standard deviation (Roberts 1959).

    The value scored has no part in them. A change after equal values scores 100, the most there
    is; a value that scores so is learnt as one that is 100 deviations off. The expected range is
    that of scores up to the threshold.
    """

    config: "EwmaConfig"

    def __init__(self, config: "EwmaConfig", setup: OnlineSetup) -> None:
        from detectors.kernels.ewma import empty_memory

        super().__init__(config, setup)
        self._memory = empty_memory(self.n_features)

    @property
    def warm_up(self) -> int:
        """By then nearly nine tenths of all weight that there will be is given out."""
        return ceil(2 / self.config.alpha)

    def _observe(self, X: Matrix, timestamps: Vector, *, learn: bool) -> Observations:
        from detectors.kernels.ewma import observe

        found = Observations.empty(*X.shape)
        observe(
            self._memory, self._progress, X, self.config.alpha, learn,
            self.threshold, self.warm_up, self._patience,
            found.scores, found.column_scores, found.expected_low, found.expected_high,
            found.learnt,
        )  # fmt: skip
        return found

    def _kept(self) -> Mapping[str, NDArray[Any]]:
        return {"progress": self._progress, **self._memory._asdict()}


class EwmaConfig(OnlineDetectorConfig):
    """Parameters of ``Ewma``."""

    display_name: ClassVar[str] = "EWMA"
    category: ClassVar[str] = "statistical"
    best_for: ClassVar[str] = "a level that drifts, and sudden steps away from it"
    pros: ClassVar[tuple[str, ...]] = (
        "a reason that anyone can check",
        "follows a drift smoothly",
        "remembers five numbers a column",
    )
    cons: ClassVar[tuple[str, ...]] = (
        "a large value widens the range for a while",
        "takes a daily rhythm for spread, or follows it",
        "many alerts where tails are heavy",
    )
    requires_scaling: ClassVar[bool] = False
    kernels: ClassVar[str | None] = "ewma"
    default_threshold: ClassVar[float] = 4.0

    algorithm: Literal["ewma"] = "ewma"
    alpha: float = Field(
        default=0.05,
        ge=0.001,
        le=0.9,
        description="Weight of a new value. Larger follows faster and forgets sooner; 0.05 "
        "remembers about as much as a window of 40.",
    )

    def build(self, setup: OnlineSetup) -> Ewma:
        """Return a detector that has seen nothing; nothing in it is random."""
        return Ewma(self, setup)
