"""How far a value lies from every recent value, and how rarely one lay so far."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from detectors.online.base import Observations, OnlineDetector, OnlineDetectorConfig, OnlineSetup
from detectors.validation import Matrix, Vector


class ValueGap(OnlineDetector):
    """Judges each column by the gap between a value and the nearest of the last ``window`` ones.

    The gap is taken twice, of the value and of what is left when the median of this hour of the day
    is taken off; the two as one are held against recent gaps, with the tail of Hill (1975) beyond
    the largest 2 %. A value far outside the middle 99 % is odd even if one like it was there
    before, so that spikes that come back are seen each time. A row scores 0 unless it is rarer than
    each of the 100 before it, so that an incident is reported when it begins, and not row by row.

    A known limit: one giant value stretches the range that gaps are measured by, until it has left
    the window.
    """

    # The first edition took the residual for 0 until it knew what is usual at an hour.
    edition: ClassVar[int] = 2

    config: "ValueGapConfig"

    def __init__(self, config: "ValueGapConfig", setup: OnlineSetup) -> None:
        from detectors.kernels.value_gap import empty_memory

        super().__init__(config, setup)
        self._memory = empty_memory(self.n_features, config.window)

    @property
    def warm_up(self) -> int:
        """The rarity of gaps means little before."""
        return 150

    def _observe(self, X: Matrix, timestamps: Vector, *, learn: bool) -> Observations:
        from detectors.kernels.value_gap import observe

        found = Observations.empty(*X.shape)
        observe(
            self._memory, self._progress, X, timestamps, learn,
            self.threshold, self.warm_up, self._patience,
            found.scores, found.column_scores, found.expected_low, found.expected_high,
            found.learnt,
        )  # fmt: skip
        return found

    def _kept(self) -> Mapping[str, NDArray[Any]]:
        memory = self._memory
        windows = {
            "values": memory.values,
            "residuals": memory.residuals,
            "gaps": memory.gaps,
        }
        return {
            "progress": self._progress,
            **{f"{name}_ring": window.ring for name, window in windows.items()},
            **{f"{name}_total": window.total for name, window in windows.items()},
            **{f"profile_{name}": array for name, array in memory.profiles._asdict().items()},
            "heights": memory.heights,
            "n_heights": memory.n_heights,
        }

    def _rebuild(self) -> None:
        from detectors.kernels.sorted_windows import rebuild

        for windows in (self._memory.values, self._memory.residuals, self._memory.gaps):
            rebuild(windows)


class ValueGapConfig(OnlineDetectorConfig):
    """Parameters of ``ValueGap``."""

    display_name: ClassVar[str] = "Value gap"
    category: ClassVar[str] = "statistical"
    best_for: ClassVar[str] = "any feed of measurements, with or without a daily rhythm"
    pros: ClassVar[tuple[str, ...]] = (
        "sees values between the usual ones, not only high and low ones",
        "knows the hour of the day",
        "one alert an incident, and nothing to tune",
    )
    cons: ClassVar[tuple[str, ...]] = (
        "blind to values that are odd only in combination",
        "one giant value makes it less sensitive until it has left the window",
    )
    requires_scaling: ClassVar[bool] = False
    kernels: ClassVar[str | None] = "value_gap"
    # A score of .5 itself is an alert.
    default_threshold: ClassVar[float] = float(np.nextafter(0.5, 0.0))

    algorithm: Literal["value_gap"] = "value_gap"
    window: int = Field(
        default=4000, ge=10, le=10_000, description="Values of each column that are remembered."
    )

    def build(self, setup: OnlineSetup) -> ValueGap:
        """Return a detector that has seen nothing; nothing in it is random."""
        return ValueGap(self, setup)
