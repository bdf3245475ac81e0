"""How few random cuts it takes to isolate a row."""

from dataclasses import dataclass, replace
from math import ceil, log2
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from detectors.base import Detector, DetectorConfig
from detectors.column_gaps import ColumnGaps
from detectors.validation import Matrix, Vector


@dataclass(frozen=True)
class Forest:
    """Trees as perfect binary heaps, each array of shape (n_trees, L), L a power of two.

    Node 1 is the root; the children of node i are 2i and 2i + 1; nodes L to 2L - 1 are the bottom
    slots, numbered from 0 in ``value`` and ``size``.

    Attributes:
        feature: the column that inner node i compares.
        threshold: a row goes right if above; at infinity all rows go left.
        value: path length of a row that ends in the slot: its depth, and what the rows in the slot
            would add.
        size: training rows in the slot.
        normal_path: the path length that scores .5; 0 when trees had one row.
        gaps: what shortens the path of rows with a value far beyond all others; None: nothing.
    """

    feature: NDArray[np.int32]
    threshold: Matrix
    value: Matrix
    size: NDArray[np.int32]
    normal_path: float
    gaps: ColumnGaps | None = None  # forests stored by earlier versions have none

    @classmethod
    def grow(cls, X: Matrix, n_estimators: int, max_samples: int, seed: int) -> "Forest":
        """Grow trees on rows drawn from ``X``; any whole number is a seed, modulo 2**64."""
        from detectors.kernels.isolation_forest import average_path, grow_forest

        sample_size = min(max_samples, len(X))
        shape = (n_estimators, 2 ** max(1, ceil(log2(sample_size))))
        feature = np.zeros(shape, np.int32)
        threshold = np.full(shape, np.inf)
        value = np.empty(shape)
        size = np.empty(shape, np.int32)
        grow_forest(X, np.uint64(seed % 2**64), sample_size, feature, threshold, value, size)
        return cls(feature, threshold, value, size, average_path(sample_size))

    def score(self, X: Matrix) -> Vector:
        """Return the scores of rows, shape (n_rows,)."""
        from detectors.kernels.isolation_forest import score_paths

        if self.normal_path == 0:
            return np.full(len(X), 0.5)
        paths = self.paths(X)
        score_paths(paths, self.normal_path)
        return paths

    def paths(self, X: Matrix) -> Vector:
        """Return the mean path lengths of rows, shortened by their gaps, shape (n_rows,)."""
        from detectors.kernels.isolation_forest import mean_paths

        paths = np.empty(len(X))
        mean_paths(X, self.feature, self.threshold, self.value, paths)
        if self.gaps:
            paths -= self.gaps.saved_by_row(X)
        return paths

    def saved_cuts(self, X: Matrix) -> Matrix:
        """Return by how much each value shortens the path of its row, shape of ``X``."""
        return self.gaps.saved_cuts(X) if self.gaps else np.zeros_like(X)


class IsolationForest(Detector):
    """Isolation forest (Liu, Ting and Zhou 2008), compiled; a gross value isolates its row.

    The score is 2^(-E[path length] / c), above 0 and at most 1; where no column varies it is .5. A
    tree sees few rows, and a row that it does not see follows the path of its nearest neighbour,
    however far away that is. So a value far beyond the body of its column, see ``ColumnGaps``,
    shortens the path of its row.

    The score depends on the data and the seed only, and columns may have any unit. Fitting and
    scoring run on one thread and hold no lock, so that many tables can be scored side by side.

    Attributes:
        forest_: the trees.
    """

    forest_: Forest

    def __init__(self, n_estimators: int = 300, max_samples: int = 256, seed: int = 0) -> None:
        self.n_estimators = n_estimators
        self.max_samples = max_samples
        self.seed = seed

    def _fit(self, X: Matrix) -> Vector:
        sample_size = self._lower("max_samples", len(X), len(X))
        forest = Forest.grow(X, self.n_estimators, sample_size, self.seed)
        self.forest_ = replace(forest, gaps=ColumnGaps.fit(X, self.max_samples, self.seed))
        return self._score(X)

    def _score(self, X: Matrix) -> Vector:
        return self.forest_.score(X)


class IsolationForestConfig(DetectorConfig):
    """Parameters of ``IsolationForest``."""

    display_name: ClassVar[str] = "Isolation forest"
    category: ClassVar[str] = "trees"
    best_for: ClassVar[str] = "a first look at any table, of any size"
    pros: ClassVar[tuple[str, ...]] = (
        "the fastest here: a million rows in seconds",
        "no scaling, and no unit of measurement matters",
        "not misled by columns that carry nothing",
    )
    cons: ClassVar[tuple[str, ...]] = (
        "misses rows that are odd only relative to their neighbours",
        "weak where columns are strongly related",
        "scores differ a little from seed to seed",
    )
    requires_scaling: ClassVar[bool] = False
    kernels: ClassVar[str | None] = "isolation_forest"

    algorithm: Literal["isolation_forest"] = "isolation_forest"
    n_estimators: int = Field(
        default=300, ge=1, le=2000, description="Number of trees. More are steadier and slower."
    )
    max_samples: int = Field(
        default=256,
        ge=2,
        le=8192,
        description="Rows drawn for each tree; fewer if there are fewer.",
    )

    def build(self, seed: int) -> IsolationForest:
        """Return an unfitted detector; ``seed`` chooses rows, columns and thresholds."""
        return IsolationForest(self.n_estimators, self.max_samples, seed)
