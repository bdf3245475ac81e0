"""Grow the trees of an isolation forest, and send rows down them (Liu, Ting and Zhou 2008).

A tree is a perfect binary heap of height H: node 1 is the root, the children of node i are 2i and
2i + 1, and the L = 2**H nodes below the inner ones are the bottom slots. A leaf above the bottom
passes all rows on to the left.
"""

import numpy as np
from numba import float64, int32, types, uint64

from detectors.kernels.cache import kernel
from detectors.kernels.random import below, seed_generator, uniform

_LARGEST = np.finfo(np.float64).max
_EULER = 0.5772156649
_BLOCK_ROWS = 256

_Rows = types.Array(float64, 2, "C", readonly=True)
_Features = types.Array(int32, 2, "C", readonly=True)
_Floats = types.Array(float64, 2, "C", readonly=True)


@kernel(float64(types.int64))
def average_path(size):  # type: ignore[no-untyped-def]
    """Average path length of an unsuccessful search in a binary tree of ``size`` rows."""
    if size < 2:
        return 0.0
    if size == 2:
        return 1.0
    return 2.0 * (np.log(size - 1.0) + _EULER) - 2.0 * (size - 1.0) / size


@kernel()
def _draw_rows(generator, order, rows, picks):  # type: ignore[no-untyped-def]
    """Fill ``rows`` with a sample without replacement; ``order`` is 0 .. n - 1, and stays so."""
    n_rows = order.size
    for i in range(rows.size):
        picks[i] = i + below(generator, n_rows - i)
        order[i], order[picks[i]] = order[picks[i]], order[i]
        rows[i] = order[i]
    for i in range(rows.size - 1, -1, -1):
        order[i], order[picks[i]] = order[picks[i]], order[i]


@kernel()
def _find_range(X, rows, column):  # type: ignore[no-untyped-def]
    """Smallest and largest value of a column; NaN takes no part, infinities are clipped."""
    low, high = np.inf, -np.inf
    for row in rows:
        x = X[row, column]
        if x < low:
            low = x
        if x > high:
            high = x
    return max(low, -_LARGEST), min(high, _LARGEST)


@kernel()
def _draw_threshold(generator, low, high):  # type: ignore[no-untyped-def]
    """Draw from [low, high), so that ``low`` goes left and ``high`` right."""
    u = uniform(generator)
    span = high - low
    threshold = low + u * span if span <= _LARGEST else low * (1.0 - u) + high * u
    return threshold if low <= threshold < high else low


@kernel()
def _draw_split(generator, X, rows, columns):  # type: ignore[no-untyped-def]
    """Draw a column among those that vary, and a threshold; column -1 if none does.

    ``columns`` holds every column once; its order is changed.
    """
    for untried in range(columns.size, 0, -1):
        k = below(generator, untried)
        column = columns[k]
        low, high = _find_range(X, rows, column)
        if low < high:
            return column, _draw_threshold(generator, low, high)
        columns[k], columns[untried - 1] = columns[untried - 1], column
    return -1, np.inf


@kernel()
def _partition(X, rows, column, threshold):  # type: ignore[no-untyped-def]
    """Move the rows above ``threshold`` to the end; return how many are not, NaN among them."""
    middle = 0
    for i in range(rows.size):
        # Swapped either way: without a branch, which could not be foretold.
        row = rows[i]
        rows[i] = rows[middle]
        rows[middle] = row
        middle += not X[row, column] > threshold
    return middle


@kernel(
    types.void(
        _Rows,
        uint64,
        types.int64,
        int32[:, ::1],
        float64[:, ::1],
        float64[:, ::1],
        int32[:, ::1],
    )
)
def grow_forest(X, seed, sample_size, feature, threshold, value, size):  # type: ignore[no-untyped-def]
    """Grow one tree per row of the arrays, each of shape (n_trees, L), L = 2**H >= sample_size.

    Args:
        X: training rows, shape (n_rows, n_features).
        seed: of the whole forest; a tree depends on it and on the number of the tree only.
        sample_size: rows drawn for each tree.
        feature: filled with the column that inner node i compares.
        threshold: filled with its threshold: right if above. Infinite: all rows go left.
        value: filled with the path length of each bottom slot, of the rows not told apart too.
        size: filled with the number of rows in each bottom slot.
    """
    n_trees, n_slots = feature.shape
    order = np.arange(X.shape[0])
    picks = np.empty(sample_size, np.int64)
    rows = np.empty(sample_size, np.int64)
    columns = np.arange(X.shape[1])
    first = np.zeros(2 * n_slots, np.int64)
    last = np.zeros(2 * n_slots, np.int64)
    depth = np.zeros(2 * n_slots, np.int64)
    generator = np.empty(1, np.uint64)
    leaf_path = np.empty(sample_size + 1)
    for leaf_size in range(sample_size + 1):
        leaf_path[leaf_size] = average_path(leaf_size)
    for tree in range(n_trees):
        seed_generator(generator, seed, tree)
        _draw_rows(generator, order, rows, picks)
        # Each tree starts from the same order of columns, or it would depend on those before.
        columns[:] = np.arange(columns.size)
        first[1], last[1] = 0, sample_size
        for node in range(1, n_slots):
            here = rows[first[node] : last[node]]
            column, cut, middle = -1, np.inf, here.size
            if here.size > 1:
                column, cut = _draw_split(generator, X, here, columns)
            if column >= 0:
                middle = _partition(X, here, column, cut)
            feature[tree, node] = max(column, 0)
            threshold[tree, node] = cut
            left, right = 2 * node, 2 * node + 1
            first[left], last[left] = first[node], first[node] + middle
            first[right], last[right] = last[left], last[node]
            depth[left] = depth[right] = depth[node] + (column >= 0)
        for slot in range(n_slots):
            bottom = n_slots + slot
            leaf_size = last[bottom] - first[bottom]
            size[tree, slot] = leaf_size
            value[tree, slot] = depth[bottom] + leaf_path[leaf_size]


@kernel(types.void(_Rows, _Features, _Floats, _Floats, float64[::1]))
def mean_paths(X, feature, threshold, value, paths):  # type: ignore[no-untyped-def]
    """Fill ``paths``, shape (n_rows,), with the mean path length of each row over the trees.

    A block of rows goes down one tree after the other, level by level: the steps of a level do
    not wait for each other, and block and tree stay in the fastest cache.
    """
    n_trees, n_slots = np.uint64(feature.shape[0]), np.uint64(feature.shape[1])
    n_rows = X.shape[0]
    # Unsigned: numba checks signed indices for being negative, at half the speed.
    nodes = np.empty(_BLOCK_ROWS, np.uint64)
    for start in range(0, n_rows, _BLOCK_ROWS):
        block = X[start : start + _BLOCK_ROWS]
        total = paths[start : start + _BLOCK_ROWS]
        total[:] = 0.0
        n_block = np.uint64(block.shape[0])
        for tree in range(n_trees):
            nodes[:] = np.uint64(1)
            level = np.uint64(1)
            while level < n_slots:
                for row in range(n_block):
                    node = nodes[row]
                    column = np.uint64(feature[tree, node])
                    right = np.uint64(block[row, column] > threshold[tree, node])
                    nodes[row] = np.uint64(2) * node + right
                level *= np.uint64(2)
            for row in range(n_block):
                total[row] += value[tree, nodes[row] - n_slots]
        total /= n_trees


@kernel(float64(float64, float64), inline=True)
def path_score(path, normal_path):  # type: ignore[no-untyped-def]
    """Score of a mean path length: 2^(-path / normal_path), from path 1 on, which all trees have.

    Shorter ones, which gaps make, go on from there as 1 / (2 - path): a score is at most 1.
    """
    if path < 1.0:
        path = 1.0 / (2.0 - path)
    return np.exp2(-path / normal_path)


@kernel(types.void(float64[::1], float64))
def score_paths(paths, normal_path):  # type: ignore[no-untyped-def]
    """Replace mean path lengths, shape (n_rows,), by their scores."""
    for row in range(paths.size):
        paths[row] = path_score(paths[row], normal_path)
