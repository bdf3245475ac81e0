"""How few random cuts it takes to isolate a row from the rows before it."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from detectors.batch.isolation_forest import Forest
from detectors.online.base import OnlineDetectorConfig, OnlineSetup
from detectors.online.refitted import RefittedDetector
from detectors.validation import Matrix, Vector


@dataclass(frozen=True)
class WindowForest:
    """The trees of one window.

    Attributes:
        forest: of rows without gaps.
        low: their smallest value in each column, shape (n_features,).
        high: their largest.
    """

    forest: Forest
    low: Vector
    high: Vector

    def score(self, X: Matrix) -> Vector:
        """Return the scores of rows, shape (n_rows,); values that are missing take no part."""
        from detectors.kernels.forest_odd_rows import mean_odd_paths

        forest = self.forest
        odd = ~((X >= self.low) & (X <= self.high)).all(axis=1)
        scores = np.empty(len(X))
        scores[~odd] = forest.score(X[~odd])
        if odd.any() and forest.normal_path > 0:
            paths = np.empty(int(odd.sum()))
            mean_odd_paths(
                X[odd], forest.feature, forest.threshold, forest.value, forest.size,
                self.low, self.high, paths,
            )  # fmt: skip
            scores[odd] = np.exp2(-paths / forest.normal_path)
        else:
            scores[odd] = 0.5
        return scores


class WindowedIsolationForest(RefittedDetector):
    """Isolation forest (Liu, Ting and Zhou 2008) of the last rows, grown anew every so many.

    The rows it was grown on never include the row scored. The score is above 0 and below 1, as that
    of the batch detector ``isolation_forest``, and higher for a row outside the range of the
    window: the farther, the sooner a cut would have isolated it.
    """

    config: "WindowedIsolationForestConfig"

    def __init__(self, config: "WindowedIsolationForestConfig", setup: OnlineSetup) -> None:
        super().__init__(config, setup, config.window, config.refit_every)

    def _fit(self, rows: Matrix, seed: int) -> WindowForest:
        config = self.config
        forest = Forest.grow(rows, config.n_estimators, config.max_samples, seed)
        return WindowForest(forest, rows.min(axis=0), rows.max(axis=0))


class WindowedIsolationForestConfig(OnlineDetectorConfig):
    """Parameters of ``WindowedIsolationForest``."""

    display_name: ClassVar[str] = "Windowed isolation forest"
    abbreviation: ClassVar[str | None] = "Isolation forest"
    category: ClassVar[str] = "trees"
    best_for: ClassVar[str] = "several columns together, of any unit"
    pros: ClassVar[tuple[str, ...]] = (
        "sees rows that are odd only in combination",
        "no unit of measurement matters",
        "not misled by columns that carry nothing",
    )
    cons: ClassVar[tuple[str, ...]] = (
        "sees no rhythm and no order, only the rows",
        "learns in steps: nothing new until it is grown anew",
    )
    requires_scaling: ClassVar[bool] = False
    kernels: ClassVar[str | None] = "isolation_forest"
    default_threshold: ClassVar[float] = 0.65

    algorithm: Literal["windowed_isolation_forest"] = "windowed_isolation_forest"
    window: int = Field(default=1000, ge=10, le=10_000, description="Rows that trees are grown on.")
    refit_every: int = Field(
        default=100,
        ge=10,
        le=10_000,
        description="Rows after which the trees are grown anew; nothing is scored before the "
        "first time.",
    )
    n_estimators: int = Field(
        default=100, ge=1, le=1000, description="Number of trees. More are steadier and slower."
    )
    max_samples: int = Field(
        default=256,
        ge=2,
        le=8192,
        description="Rows drawn for each tree; fewer if there are fewer.",
    )

    def build(self, setup: OnlineSetup) -> WindowedIsolationForest:
        """Return a detector that has seen nothing; the seed chooses rows, columns and cuts."""
        return WindowedIsolationForest(self, setup)
