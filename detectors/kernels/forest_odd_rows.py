"""Send rows down the trees of an isolation forest that have gaps, or lie outside what it saw."""

import numpy as np
from numba import float64, int32, types

from detectors.kernels.cache import kernel

_Rows = types.Array(float64, 2, "C", readonly=True)
_Features = types.Array(int32, 2, "C", readonly=True)
_Floats = types.Array(float64, 2, "C", readonly=True)
_Row = types.Array(float64, 1, "C", readonly=True)
_DEEPEST = 64


@kernel()
def _sum_sizes(size, mass):  # type: ignore[no-untyped-def]
    """Fill ``mass``, shape (2L,), with the training rows below each node of a tree."""
    n_slots = size.size
    for slot in range(n_slots):
        mass[n_slots + slot] = size[slot]
    for node in range(n_slots - 1, 0, -1):
        mass[node] = mass[2 * node] + mass[2 * node + 1]


@kernel(types.void(_Rows, _Features, _Floats, _Floats, _Features, _Row, _Row, float64[::1]))
def mean_odd_paths(X, feature, threshold, value, size, low, high, paths):  # type: ignore[no-untyped-def]
    """Fill ``paths`` as ``detectors.kernels.isolation_forest.mean_paths``, for any rows.

    Where a tree compares a missing value, the row goes both ways, each with the share of the
    training rows that went there: the expected path length over what the value may have been.

    A tree that was grown without a row cannot tell a value far outside from one at the edge. So
    where a tree compares a value outside, its path ends with the probability that a cut, uniform
    over the range and the value, would fall between the two.

    Args:
        X: rows, shape (n_rows, n_features), NaN where missing.
        feature: of the forest, as the next three.
        threshold: of the forest.
        value: of the forest.
        size: of the forest.
        low: smallest training value of each column, shape (n_features,).
        high: largest training value of each column.
        paths: filled, shape (n_rows,).
    """
    n_trees, n_slots = feature.shape
    mass = np.empty(2 * n_slots)
    nodes = np.empty(_DEEPEST, np.int64)
    depths = np.empty(_DEEPEST, np.int64)
    shares = np.empty(_DEEPEST)
    paths[:] = 0.0
    for tree in range(n_trees):
        _sum_sizes(size[tree], mass)
        for row in range(X.shape[0]):
            nodes[0], depths[0], shares[0] = 1, 0, 1.0
            n_open = 1
            while n_open > 0:
                n_open -= 1
                node, depth, share = nodes[n_open], depths[n_open], shares[n_open]
                while node < n_slots:
                    cut = threshold[tree, node]
                    if cut == np.inf:
                        node = 2 * node
                        continue
                    c = feature[tree, node]
                    x = X[row, c]
                    depth += 1
                    if np.isnan(x):
                        to_right = mass[2 * node + 1] / mass[node]
                        nodes[n_open], depths[n_open] = 2 * node + 1, depth
                        shares[n_open] = share * to_right
                        n_open += 1
                        node, share = 2 * node, share * (1.0 - to_right)
                        continue
                    outside = max(low[c] - x, x - high[c])
                    if outside > 0.0:
                        ends = share * outside / (outside + (high[c] - low[c]))
                        paths[row] += ends * depth
                        share -= ends
                    node = 2 * node + (x > cut)
                paths[row] += share * value[tree, node - n_slots]
    paths /= n_trees
