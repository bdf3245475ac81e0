"""How many rows of late would be easier to isolate if this one had not come."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from detectors.online.base import Observations, OnlineDetector, OnlineDetectorConfig, OnlineSetup
from detectors.validation import Matrix, Vector

_DERIVED = {"parent", "mass", "low", "high"}


class Rrcf(OnlineDetector):
    """Robust random cut forest (Guha, Mishra, Roy and Schrijvers 2016) of the last rows.

    The score is the collusive displacement: the largest, over the groups of points that a row
    belongs to in a tree, of how many others would move up if the group went, for each point of the
    group; the mean over the trees, as a share of all other points. A point is a row together with
    the ``shingle - 1`` before it. Each tree holds the last ``window`` points; a new one is inserted
    and the oldest removed.

    Cuts fall in proportion to the range of a column in units of its own range of late, so that
    the unit of a column does not matter. A column's part in the score is that of the trees in which
    a cut of it separates the group from the others.
    """

    config: "RrcfConfig"

    def __init__(self, config: "RrcfConfig", setup: OnlineSetup) -> None:
        from detectors.kernels.rrcf import empty_memory

        super().__init__(config, setup)
        self._memory = empty_memory(self.n_features, config.window, config.n_trees, config.shingle)

    @property
    def warm_up(self) -> int:
        """Until the trees are full."""
        return self.config.window + self.config.shingle - 1

    def _observe(self, X: Matrix, timestamps: Vector, *, learn: bool) -> Observations:
        from detectors.kernels.rrcf import observe

        found = Observations.empty(*X.shape)
        observe(
            self._memory, self._progress, X, np.uint64(self.seed), learn,
            self.threshold, self.warm_up, self._patience,
            found.scores, found.column_scores, found.expected_low, found.expected_high,
            found.learnt,
        )  # fmt: skip
        return found

    def _kept(self) -> Mapping[str, NDArray[Any]]:
        memory = self._memory
        trees = memory.trees._asdict()
        return {
            "progress": self._progress,
            **{name: array for name, array in trees.items() if name not in _DERIVED},
            "leaves": memory.leaves,
            "total": memory.total,
            "before": memory.before,
            "recent_ring": memory.recent.ring,
            "recent_total": memory.recent.total,
        }

    def _rebuild(self) -> None:
        from detectors.kernels.rrcf import rebuild

        rebuild(self._memory)


class RrcfConfig(OnlineDetectorConfig):
    """Parameters of ``Rrcf``."""

    display_name: ClassVar[str] = "Robust random cut forest"
    abbreviation: ClassVar[str | None] = "RRCF"
    category: ClassVar[str] = "trees"
    best_for: ClassVar[str] = "several columns, or sequences of values, in a changing feed"
    pros: ClassVar[tuple[str, ...]] = (
        "a shingle sees an odd sequence of ordinary values",
        "learns every row at once, and forgets the oldest",
        "several columns together, of any unit",
    )
    cons: ClassVar[tuple[str, ...]] = (
        "slower than the others",
        "of an incident, it sees the first rows only",
    )
    requires_scaling: ClassVar[bool] = False
    kernels: ClassVar[str | None] = "rrcf"
    default_threshold: ClassVar[float] = 0.25

    algorithm: Literal["rrcf"] = "rrcf"
    window: int = Field(default=256, ge=10, le=10_000, description="Points that each tree holds.")
    n_trees: int = Field(
        default=40, ge=1, le=200, description="Number of trees. More are steadier and slower."
    )
    shingle: int = Field(
        default=1,
        ge=1,
        le=64,
        description="Rows in a row that make one point. More see odd sequences of ordinary "
        "values, and more rows of an incident.",
    )

    def build(self, setup: OnlineSetup) -> Rrcf:
        """Return a detector that has seen nothing; the seed chooses the cuts."""
        return Rrcf(self, setup)
