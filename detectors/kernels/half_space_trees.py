"""Halve a space at random, and count the rows in each part (Tan, Ting and Liu 2011).

A tree is a perfect binary heap of height H: node 1 is the root, the children of node i are 2i and
2i + 1; nodes 1 to L - 1, L = 2**H, are halved, nodes L to 2L - 1 are not.
"""

import numpy as np
from numba import float64, int32, int64, types, uint64

from detectors.kernels.cache import kernel
from detectors.kernels.random import below, seed_generator, uniform

_Rows = types.Array(float64, 2, "C", readonly=True)
_Features = types.Array(int32, 2, "C", readonly=True)
_Floats = types.Array(float64, 2, "C", readonly=True)
_Masses = types.Array(int64, 2, "C", readonly=True)


@kernel(types.void(uint64, int64, int32[:, ::1], float64[:, ::1]))
def halve(seed, n_features, feature, cut):  # type: ignore[no-untyped-def]
    """Draw one tree per row of the arrays, each of shape (n_trees, L).

    Args:
        seed: of all trees; a tree depends on it and on the number of the tree only.
        n_features: columns, most of whose values lie between 0 and 1.
        feature: filled with the column that node i halves.
        cut: filled with the middle of its space in that column.
    """
    n_trees, n_inner = feature.shape
    low = np.empty((2 * n_inner, n_features))
    high = np.empty((2 * n_inner, n_features))
    generator = np.empty(1, np.uint64)
    for tree in range(n_trees):
        seed_generator(generator, seed, tree)
        for j in range(n_features):
            centre = uniform(generator)
            reach = 2.0 * max(centre, 1.0 - centre)
            low[1, j], high[1, j] = centre - reach, centre + reach
        for node in range(1, n_inner):
            j = below(generator, n_features)
            middle = (low[node, j] + high[node, j]) / 2.0
            feature[tree, node], cut[tree, node] = j, middle
            for child in (2 * node, 2 * node + 1):
                low[child], high[child] = low[node], high[node]
            high[2 * node, j], low[2 * node + 1, j] = middle, middle


@kernel(types.void(_Rows, _Features, _Floats, int64[:, ::1]))
def count_rows(X, feature, cut, mass):  # type: ignore[no-untyped-def]
    """Fill ``mass``, shape (n_trees, 2L), with the rows in each node."""
    n_trees, n_inner = feature.shape
    mass[:] = 0
    for tree in range(n_trees):
        for row in range(X.shape[0]):
            node = np.uint64(1)
            mass[tree, node] += 1
            while node < n_inner:
                right = X[row, np.uint64(feature[tree, node])] > cut[tree, node]
                node = np.uint64(2) * node + np.uint64(right)
                mass[tree, node] += 1


@kernel(types.void(_Rows, _Features, _Floats, _Masses, float64, float64[::1]))
def mean_densities(X, feature, cut, mass, smallest, densities):  # type: ignore[no-untyped-def]
    """Fill ``densities``, shape (n_rows,), with the mean density about each row over the trees.

    A row goes down until a node has at most ``smallest`` rows, or is not halved. The density there
    is in units of that of the whole space.
    """
    n_trees, n_inner = feature.shape
    for row in range(X.shape[0]):
        total = 0.0
        for tree in range(n_trees):
            node, halves = np.uint64(1), 1.0
            while node < n_inner and mass[tree, node] > smallest:
                right = X[row, np.uint64(feature[tree, node])] > cut[tree, node]
                node = np.uint64(2) * node + np.uint64(right)
                halves *= 2.0
            total += mass[tree, node] * halves / mass[tree, 1]
        densities[row] = total / n_trees
