"""The large clusters of a table, and how far rows are from them."""

from collections.abc import Iterable
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
    """The large clusters of several k-means clusterings (CBLOF; He, Xu and Deng 2003).

    Attributes:
        centres: of the large clusters of each clustering, shape (n_large, n_features).
        n_clusters: of each clustering: no more than rows that differ.
    """

    centres: tuple[Matrix, ...]
    n_clusters: int = 0  # those stored by earlier versions do not say

    @classmethod
    def fit(cls, table: Matrix, n_clusters: int, seeds: Iterable[int]) -> Self:
        """Cluster ``table``, shape (n_rows, n_features), once with each of ``seeds``."""
        from sklearn.cluster import KMeans
        from threadpoolctl import threadpool_limits

        n_clusters = _count_distinct(table, n_clusters)
        centres = []
        # Threads of k-means add up in any order, so that two fits would differ, and wait for each
        # other longer than they work.
        with threadpool_limits(1, user_api="openmp"):
            for seed in seeds:
                k_means = KMeans(n_clusters, random_state=seed % 2**32).fit(table)
                sizes = np.bincount(k_means.labels_, minlength=n_clusters)
                by_size = np.argsort(-sizes, kind="stable")
                large = by_size[: count_large(sizes[by_size])]
                centres.append(k_means.cluster_centers_[large])
        return cls(tuple(centres), n_clusters)

    def distance(self, rows: Matrix) -> Vector:
        """Distance of rows, shape (m, n_features), to the nearest centre; mean of clusterings."""
        from scipy.spatial.distance import cdist

        return np.mean([cdist(rows, centres).min(axis=1) for centres in self.centres], axis=0)


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
