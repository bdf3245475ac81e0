"""Find nearest rows exactly, in a balanced k-d tree (Bentley 1975).

The tree is a perfect binary heap: node 1 is the root, the children of node i are 2i and 2i + 1,
and the node at place p of level l holds the rows p n / 2**l to (p + 1) n / 2**l of the reordered
table. Equal rows are shared out among the leaves like any others, so a table that has many of them
takes no longer than another.
"""

import numpy as np
from numba import float64, int64, types

from detectors.kernels.cache import kernel

_Table = types.Array(float64, 2, "C", readonly=True)
_Written = types.Array(float64, 1, "C")


@kernel()
def _square_to_box(query, low, high):  # type: ignore[no-untyped-def]
    """Squared distance from ``query`` to the nearest point of a box, 0 inside."""
    total = 0.0
    for f in range(query.size):
        outside = max(low[f] - query[f], query[f] - high[f], 0.0)
        total += outside * outside
    return total


@kernel()
def _square_to_rows(query, columns, start, stop, squares):  # type: ignore[no-untyped-def]
    """Fill ``squares`` with the squared distances to the rows from ``start`` to ``stop``."""
    size = stop - start
    squares[:size] = 0.0
    for f in range(query.size):
        value = query[f]
        column = columns[f, start:stop]
        for j in range(size):
            difference = column[j] - value
            squares[j] += difference * difference


@kernel()
def _replace_largest(heap, value):  # type: ignore[no-untyped-def]
    """Put ``value`` in place of the root of a max-heap."""
    parent = 0
    child = 1
    while child < heap.size:
        if child + 1 < heap.size and heap[child + 1] > heap[child]:
            child += 1
        if heap[child] <= value:
            break
        heap[parent] = heap[child]
        parent = child
        child = 2 * parent + 1
    heap[parent] = value


@kernel()
def _search(query, own, columns, low, high, depth, stack, bounds, squares, heap):  # type: ignore[no-untyped-def]
    """Fill ``heap`` with the smallest squared distances, one row left out.

    That is the row at place ``own``; where this is -1, one that equals ``query``, if there is any;
    where it is -2, none.
    """
    equal_left_out = own != -1
    n_rows = columns.shape[1]
    n_leaves = 1 << depth
    heap[:] = np.inf
    stack[0] = 1
    bounds[0] = 0.0
    waiting = 1
    while waiting > 0:
        waiting -= 1
        node = stack[waiting]
        if bounds[waiting] >= heap[0]:
            continue
        if node < n_leaves:
            near, far = 2 * node, 2 * node + 1
            near_bound = _square_to_box(query, low[near], high[near])
            far_bound = _square_to_box(query, low[far], high[far])
            if far_bound < near_bound:
                near, far = far, near
                near_bound, far_bound = far_bound, near_bound
            stack[waiting] = far
            bounds[waiting] = far_bound
            stack[waiting + 1] = near
            bounds[waiting + 1] = near_bound
            waiting += 2
            continue
        place = node - n_leaves
        start = place * n_rows // n_leaves
        stop = (place + 1) * n_rows // n_leaves
        _square_to_rows(query, columns, start, stop, squares)
        if start <= own < stop:
            squares[own - start] = np.inf
        for j in range(stop - start):
            if not equal_left_out and squares[j] == 0.0:
                equal_left_out = True
            elif squares[j] < heap[0]:
                _replace_largest(heap, squares[j])


@kernel(types.void(_Table, int64, _Table, _Table, _Table, int64, int64, _Written, _Written))
def nearest(queries, first_place, columns, low, high, depth, k, mean, farthest):  # type: ignore[no-untyped-def]
    """Write the mean distance from each query to its ``k`` nearest rows, and the largest.

    Args:
        queries: shape (n_queries, n_features).
        first_place: place in the tree of the first query, when the queries are consecutive rows of
            it and none is to be its own neighbour; -1 when a query that equals a row, or several,
            leaves one of them out; -2 when all rows count.
        columns: the reordered table, transposed, shape (n_features, n_rows).
        low: the smallest value of each node in each column, shape (2**(depth + 1), n_features).
        high: the largest.
        depth: of the leaves below the root.
        k: neighbours, at least 1 and at most the rows that can be one.
        mean: written, shape (n_queries,).
        farthest: written, shape (n_queries,).
    """
    stack = np.empty(depth + 2, dtype=np.int64)
    bounds = np.empty(depth + 2)
    squares = np.empty(columns.shape[1] // (1 << depth) + 1)
    heap = np.empty(k)
    for i in range(queries.shape[0]):
        own = first_place + i if first_place >= 0 else first_place
        _search(queries[i], own, columns, low, high, depth, stack, bounds, squares, heap)
        heap.sort()  # equal distances then have equal sums, in whichever order they were found
        total = 0.0
        for square in heap:
            total += np.sqrt(square)
        mean[i] = total / k
        farthest[i] = np.sqrt(heap[k - 1])
