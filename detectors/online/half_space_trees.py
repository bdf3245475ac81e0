"""How empty the space around a row was in the last window of rows."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from detectors.online.base import OnlineDetectorConfig, OnlineSetup
from detectors.online.ranges import ColumnRanges
from detectors.online.refitted import RefittedDetector
from detectors.validation import Matrix, Vector


@dataclass(frozen=True)
class HalfSpaces:
    """Half-space trees with the rows of one window in them.

    Attributes:
        ranges: of the columns in that window.
        feature: the column that a node halves, shape (n_trees, L).
        cut: where, in units of the range of the column.
        bottom: where the space begins, in the same units, shape (n_trees, n_features).
        top: where it ends.
        mass: rows in each node, shape (n_trees, 2L).
        smallest: a node of at most so many rows is not looked into.
    """

    ranges: ColumnRanges
    feature: NDArray[np.int32]
    cut: Matrix
    bottom: Matrix
    top: Matrix
    mass: NDArray[np.int64]
    smallest: float

    def score(self, X: Matrix) -> Vector:
        """Return the scores of rows, shape (n_rows,)."""
        from detectors.kernels.half_space_trees import mean_densities

        densities = np.empty(len(X))
        scaled = self.ranges.scale(X)
        mean_densities(
            scaled, self.feature, self.cut, self.bottom, self.top, self.mass, self.smallest,
            densities,
        )  # fmt: skip
        scores: Vector = 1 / (1 + densities)
        return scores


class HalfSpaceTrees(RefittedDetector):
    """Half-space trees (Tan, Ting and Liu 2011), of which each window fills the next one's.

    The score is 1 / (1 + d), where d is the mean density of rows about the row in the window
    before, 1 if rows were spread evenly: 0.5 then, near 0 in a crowd, 1 where nothing ever was.
    It falls with the sum of masses that the paper calls the score. A row outside the space that a
    tree halves has density 0 there, however many rows lie inside near the border.

    The paper wants columns between 0 and 1. Here the range of a column is that of the window, but
    for its lowest and highest hundredth, and moves with it: the trees are filled from the rows
    themselves, at the end of the window, so that masses and ranges belong together.
    """

    config: "HalfSpaceTreesConfig"

    def __init__(self, config: "HalfSpaceTreesConfig", setup: OnlineSetup) -> None:
        from detectors.kernels.half_space_trees import halve

        super().__init__(config, setup, config.window, config.window)
        shape = (config.n_trees, 2**config.height)
        self._feature = np.zeros(shape, np.int32)
        self._cut = np.zeros(shape)
        self._bottom, self._top = np.zeros((2, config.n_trees, self.n_features))
        halve(np.uint64(self.seed), self._feature, self._cut, self._bottom, self._top)

    def _fit(self, rows: Matrix, seed: int) -> HalfSpaces:
        from detectors.kernels.half_space_trees import count_rows

        ranges = ColumnRanges.of(rows)
        mass = np.zeros((self.config.n_trees, 2 * self._cut.shape[1]), np.int64)
        count_rows(ranges.scale(rows), self._feature, self._cut, mass)
        smallest = self.config.size_limit * len(rows)
        return HalfSpaces(ranges, self._feature, self._cut, self._bottom, self._top, mass, smallest)


class HalfSpaceTreesConfig(OnlineDetectorConfig):
    """Parameters of ``HalfSpaceTrees``."""

    display_name: ClassVar[str] = "Half-space trees"
    category: ClassVar[str] = "trees"
    best_for: ClassVar[str] = "several columns together in a fast feed"
    pros: ClassVar[tuple[str, ...]] = (
        "fast, with any number of columns",
        "no scaling: columns are ranged as they come",
        "forgets what is older than two windows",
    )
    cons: ClassVar[tuple[str, ...]] = (
        "coarse: sees empty space, not small distances",
        "learns in steps of a window",
    )
    requires_scaling: ClassVar[bool] = True
    kernels: ClassVar[str | None] = "half_space_trees"
    default_threshold: ClassVar[float] = 0.95

    algorithm: Literal["half_space_trees"] = "half_space_trees"
    window: int = Field(
        default=250,
        ge=10,
        le=10_000,
        description="Rows that the trees are filled with; nothing is scored before the first "
        "are there.",
    )
    n_trees: int = Field(default=25, ge=1, le=500, description="More are steadier and slower.")
    height: int = Field(
        default=8, ge=1, le=15, description="How often a tree halves the space at most."
    )
    size_limit: float = Field(
        default=0.1,
        ge=0,
        le=0.5,
        description="Share of the window: a part of the space with fewer rows is not looked into.",
    )

    def build(self, setup: OnlineSetup) -> HalfSpaceTrees:
        """Return a detector that has seen nothing; the seed chooses how space is halved."""
        return HalfSpaceTrees(self, setup)
