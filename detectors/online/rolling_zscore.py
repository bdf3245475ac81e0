"""How many standard deviations a value lies from the mean of the values before it."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from numpy.typing import NDArray
from pydantic import Field

from detectors.online.base import Observations, OnlineDetector, OnlineDetectorConfig, OnlineSetup
from detectors.validation import Matrix, Vector


class RollingZscore(OnlineDetector):
    """Judges each column by mean and standard deviation of its last ``window`` values.

    The value scored is not among them. A change after equal values scores 100, the most there is.
    The expected range is that of scores up to the threshold.
    """

    config: "RollingZscoreConfig"

    def __init__(self, config: "RollingZscoreConfig", setup: OnlineSetup) -> None:
        from detectors.kernels.rolling_zscore import empty_memory

        super().__init__(config, setup)
        self._memory = empty_memory(self.n_features, config.window)

    @property
    def warm_up(self) -> int:
        """A deviation of fewer values is too rough."""
        return min(self.config.window, 50)

    def _observe(self, X: Matrix, timestamps: Vector, *, learn: bool) -> Observations:
        from detectors.kernels.rolling_zscore import observe

        found = Observations.empty(*X.shape)
        observe(
            self._memory, self._progress, X, learn,
            self.threshold, self.warm_up, self._patience,
            found.scores, found.column_scores, found.expected_low, found.expected_high,
            found.learnt,
        )  # fmt: skip
        return found

    def _kept(self) -> Mapping[str, NDArray[Any]]:
        memory = self._memory
        return {"progress": self._progress, "ring": memory.ring, "total": memory.total}

    def _rebuild(self) -> None:
        from detectors.kernels.rolling_zscore import rebuild

        rebuild(self._memory)


class RollingZscoreConfig(OnlineDetectorConfig):
    """Parameters of ``RollingZscore``."""

    display_name: ClassVar[str] = "Rolling z-score"
    category: ClassVar[str] = "statistical"
    best_for: ClassVar[str] = "a steady level with noise, and spikes above or below it"
    pros: ClassVar[tuple[str, ...]] = (
        "a reason that anyone can check",
        "adapts to a new level within a window",
        "the fastest here",
    )
    cons: ClassVar[tuple[str, ...]] = (
        "a large value hides those that follow, as long as it is in the window",
        "takes a daily rhythm for spread",
        "many alerts where tails are heavy",
    )
    requires_scaling: ClassVar[bool] = False
    kernels: ClassVar[str | None] = "rolling_zscore"
    default_threshold: ClassVar[float] = 4.0

    algorithm: Literal["rolling_zscore"] = "rolling_zscore"
    window: int = Field(
        default=100, ge=10, le=10_000, description="Values of each column that are remembered."
    )

    def build(self, setup: OnlineSetup) -> RollingZscore:
        """Return a detector that has seen nothing; nothing in it is random."""
        return RollingZscore(self, setup)
