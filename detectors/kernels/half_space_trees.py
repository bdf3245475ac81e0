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


@kernel(types.void(uint64, int32[:, ::1], float64[:, ::1], float64[:, ::1], float64[:, ::1]))
def halve(seed, feature, cut, bottom, top):  # type: ignore[no-untyped-def]
    """Draw one tree per row of the arrays, each of shape (n_trees, L).

    Args:
        seed: of all trees; a tree depends on it and on the number of the tree only.
        feature: filled with the column that node i halves.
        cut: filled with the middle of its space in that column.
        bottom: filled with where the whole space begins in each column, shape (n_trees, d); most
            values of a column lie between 0 and 1.
        top: filled with where it ends.
    """
    n_trees, n_inner = feature.shape
    n_features = bottom.shape[1]
    low = np.empty((2 * n_inner, n_features))
    high = np.empty((2 * n_inner, n_features))
    generator = np.empty(1, np.uint64)
    for tree in range(n_trees):
        seed_generator(generator, seed, tree)
        for j in range(n_features):
            centre = uniform(generator)
            reach = 2.0 * max(centre, 1.0 - centre)
            low[1, j], high[1, j] = centre - reach, centre + reach
            bottom[tree, j], top[tree, j] = low[1, j], high[1, j]
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


@kernel()
def _density(x, feature, cut, mass, smallest, nodes, halves):  # type: ignore[no-untyped-def]
    """Return the mass about a row in one tree, per volume; ``nodes`` and ``halves`` are stacks.

    Along a column that is missing both halves are followed and their masses added, which is the
    density in the other columns, whatever this one is.
    """
    total = 0.0
    nodes[0], halves[0] = np.uint64(1), 1.0
    n_open = 1
    while n_open > 0:
        n_open -= 1
        node, scale = nodes[n_open], halves[n_open]
        while node < feature.size and mass[node] > smallest:
            value = x[np.uint64(feature[node])]
            if np.isnan(value):
                nodes[n_open], halves[n_open] = np.uint64(2) * node + np.uint64(1), scale
                n_open += 1
                node = np.uint64(2) * node
            else:
                node = np.uint64(2) * node + np.uint64(value > cut[node])
                scale *= 2.0
        total += mass[node] * scale
    return total


@kernel(types.void(_Rows, _Features, _Floats, _Floats, _Floats, _Masses, float64, float64[::1]))
def mean_densities(X, feature, cut, bottom, top, mass, smallest, densities):  # type: ignore[no-untyped-def]
    """Fill ``densities``, shape (n_rows,), with the mean density about each row over the trees.

    A row goes down until a node has at most ``smallest`` rows, or is not halved. The density there
    is in units of that of the whole space; it is 0 outside that space. Missing values take no part.
    """
    n_trees = feature.shape[0]
    nodes = np.empty(64, np.uint64)
    halves = np.empty(64)
    for row in range(X.shape[0]):
        x = X[row]
        total = 0.0
        for tree in range(n_trees):
            outside = False
            for j in range(x.size):
                outside |= x[j] < bottom[tree, j] or x[j] > top[tree, j]
            if not outside:
                found = _density(x, feature[tree], cut[tree], mass[tree], smallest, nodes, halves)
                total += found / mass[tree, 1]
        densities[row] = total / n_trees
