"""The large clusters of a table, and how far rows are from them."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from detectors.validation import Matrix, Vector

# The large clusters hold this share of the rows, or the smallest of them is this many times the
# next: alpha and beta of the paper.
_LARGE_SHARE = 0.9
_LARGE_RATIO = 5

# Relative distance at which k-means, which works with squares, tells two rows apart.
_RESOLUTION = 1e-6

# Rows that suffice to see that most tables have enough different ones.
_HEAD = 1000


@dataclass(frozen=True)
class LargeClusters:
    """The centres of the large clusters of a k-means clustering (CBLOF; He, Xu and Deng 2003).

    Attributes:
        centres: shape (n_large, n_features).
    """

    centres: Matrix

    @classmethod
    def fit(cls, table: Matrix, n_clusters: int, seed: int) -> Self:
        """Cluster ``table``, shape (n_rows, n_features), and keep the large clusters."""
        from sklearn.cluster import KMeans

        n_clusters = _count_distinct(table, n_clusters)
        k_means = KMeans(n_clusters, random_state=seed % 2**32).fit(table)
        sizes = np.bincount(k_means.labels_, minlength=n_clusters)
        by_size = np.argsort(-sizes, kind="stable")
        large = by_size[: count_large(sizes[by_size])]
        return cls(k_means.cluster_centers_[large])

    def distance(self, rows: Matrix) -> Vector:
        """Distance of each row, shape (m, n_features), to the nearest of the centres."""
        from scipy.spatial.distance import cdist

        distance: Vector = cdist(rows, self.centres).min(axis=1)
        return distance


def count_large(sizes: NDArray[np.int64]) -> int:
    """How many of the clusters, whose ``sizes`` descend, are large; all when nothing parts them.

    They part where both conditions of the paper hold, else where the first does, else the second.
    """
    many = np.cumsum(sizes)[:-1] >= _LARGE_SHARE * sizes.sum()
    steep = sizes[:-1] >= _LARGE_RATIO * sizes[1:]
    for parting in (many & steep, many, steep):
        if parting.any():
            return int(np.argmax(parting)) + 1
    return len(sizes)


def _count_distinct(table: Matrix, limit: int) -> int:
    """Count the rows that differ, up to ``limit``: k-means cannot form more clusters."""
    resolution = _RESOLUTION * max(1.0, np.abs(table).max())
    count = 0
    for rest in (table[:_HEAD], table):
        count = 0
        while len(rest) and count < limit:
            rest = rest[np.abs(rest - rest[0]).max(axis=1) > resolution]
            count += 1
        if count == limit:
            break
    return count
