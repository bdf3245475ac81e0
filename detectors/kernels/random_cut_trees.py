"""Random cut trees that hold the same points: insert one, remove one, and see what it displaces.

A node below ``n_nodes`` is inner: points go left if not above ``cut`` in ``dimension``. The others
are leaves, number ``n_nodes + leaf``, and -1 is none. Equal points share a leaf. As all trees hold
the same points, a leaf has the same number in all of them.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detectors.kernels.cache import kernel
from detectors.kernels.random import uniform


class RandomCutTrees(NamedTuple):
    """T trees with room for ``n_nodes`` points of D dimensions, and for one more.

    Attributes:
        points: of each leaf, shape (n_nodes + 1, D).
        points_at: how many points are in each leaf, shape (n_nodes + 1,).
        free_leaves: a stack, of which the first ``n_leaves`` are in use, shape (n_nodes + 1,).
        n_leaves: leaves in use, shape (1,); each tree has one inner node less.
        root: shape (T,).
        cut: shape (T, n_nodes).
        dimension: shape (T, n_nodes).
        left: shape (T, n_nodes).
        right: shape (T, n_nodes).
        free_nodes: a stack for each tree, as that of the leaves, shape (T, n_nodes).
        parent: shape (T, 2 n_nodes + 1); derived, as all that follow.
        mass: points below each node, shape (T, 2 n_nodes + 1).
        low: smallest coordinates of these, shape (T, 2 n_nodes + 1, D).
        high: largest coordinates of these, shape (T, 2 n_nodes + 1, D).
    """

    points: NDArray[np.float64]
    points_at: NDArray[np.int64]
    free_leaves: NDArray[np.int32]
    n_leaves: NDArray[np.int64]
    root: NDArray[np.int32]
    cut: NDArray[np.float64]
    dimension: NDArray[np.int32]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    free_nodes: NDArray[np.int32]
    parent: NDArray[np.int32]
    mass: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def empty_trees(n_trees: int, n_points: int, n_dimensions: int) -> RandomCutTrees:
    """Return trees with no points in them, and room for ``n_points`` and one more."""
    nodes, all_nodes = (n_trees, n_points), (n_trees, 2 * n_points + 1)
    return RandomCutTrees(
        points=np.zeros((n_points + 1, n_dimensions)),
        points_at=np.zeros(n_points + 1, np.int64),
        free_leaves=np.arange(n_points + 1, dtype=np.int32),
        n_leaves=np.zeros(1, np.int64),
        root=np.full(n_trees, -1, np.int32),
        cut=np.zeros(nodes),
        dimension=np.zeros(nodes, np.int32),
        left=np.zeros(nodes, np.int32),
        right=np.zeros(nodes, np.int32),
        free_nodes=np.tile(np.arange(n_points, dtype=np.int32), (n_trees, 1)),
        parent=np.full(all_nodes, -1, np.int32),
        mass=np.zeros(all_nodes, np.int64),
        low=np.zeros((*all_nodes, n_dimensions)),
        high=np.zeros((*all_nodes, n_dimensions)),
    )


@kernel(inline=True)
def _replace_child(trees, tree, parent, old, new):  # type: ignore[no-untyped-def]
    if parent < 0:
        trees.root[tree] = new
    elif trees.left[tree, parent] == old:
        trees.left[tree, parent] = new
    else:
        trees.right[tree, parent] = new
    trees.parent[tree, new] = parent


@kernel(inline=True)
def _fill_leaf(trees, tree, node, leaf):  # type: ignore[no-untyped-def]
    trees.mass[tree, node] = trees.points_at[leaf]
    for j in range(trees.points.shape[1]):
        trees.low[tree, node, j] = trees.points[leaf, j]
        trees.high[tree, node, j] = trees.points[leaf, j]


@kernel(inline=True)
def _join_boxes(trees, tree, node):  # type: ignore[no-untyped-def]
    low, high = trees.low, trees.high
    left, right = trees.left[tree, node], trees.right[tree, node]
    for j in range(low.shape[2]):
        low[tree, node, j] = min(low[tree, left, j], low[tree, right, j])
        high[tree, node, j] = max(high[tree, left, j], high[tree, right, j])


@kernel(inline=True)
def _draw_cut(trees, tree, node, leaf, u, weight):  # type: ignore[no-untyped-def]
    """Cut the box of a node's points and of the point of ``leaf``, which differs from them.

    ``u``, uniform from 0 to 1, chooses a dimension by the weighted length of the box, and the cut
    uniformly within it; at least one point is not above the cut, and at least one is.
    """
    low, high, points = trees.low, trees.high, trees.points
    n_dimensions = weight.size
    total = 0.0
    for j in range(n_dimensions):
        start = min(low[tree, node, j], points[leaf, j])
        stop = max(high[tree, node, j], points[leaf, j])
        total += weight[j] * (stop - start)
    rest = u * total
    dimension, cut = 0, 0.0
    for j in range(n_dimensions):
        start = min(low[tree, node, j], points[leaf, j])
        stop = max(high[tree, node, j], points[leaf, j])
        if start < stop:
            dimension, cut = j, start + rest / weight[j]
            if not cut < stop:
                cut = start
            rest -= weight[j] * (stop - start)
            if rest < 0.0:
                break
    return dimension, cut


@kernel()
def _insert_leaf(trees, tree, leaf, generator, weight):  # type: ignore[no-untyped-def]
    """Hang a new leaf into a tree, as if the tree had been grown with it (Guha et al. 2016)."""
    n_nodes = trees.cut.shape[1]
    low, high, points = trees.low, trees.high, trees.points
    own = n_nodes + leaf
    _fill_leaf(trees, tree, own, leaf)
    node = np.int64(trees.root[tree])
    if node < 0:
        _replace_child(trees, tree, -1, -1, own)
        return
    while True:
        dimension, cut = _draw_cut(trees, tree, node, leaf, uniform(generator), weight)
        if cut < low[tree, node, dimension] or cut >= high[tree, node, dimension]:
            break
        for j in range(points.shape[1]):
            low[tree, node, j] = min(low[tree, node, j], points[leaf, j])
            high[tree, node, j] = max(high[tree, node, j], points[leaf, j])
        trees.mass[tree, node] += 1
        if points[leaf, trees.dimension[tree, node]] <= trees.cut[tree, node]:
            node = np.int64(trees.left[tree, node])
        else:
            node = np.int64(trees.right[tree, node])
    new = np.int64(trees.free_nodes[tree, trees.n_leaves[0] - 1])
    _replace_child(trees, tree, np.int64(trees.parent[tree, node]), node, new)
    is_left = cut < low[tree, node, dimension]
    trees.cut[tree, new], trees.dimension[tree, new] = cut, dimension
    trees.left[tree, new] = own if is_left else node
    trees.right[tree, new] = node if is_left else own
    trees.parent[tree, own], trees.parent[tree, node] = new, new
    trees.mass[tree, new] = trees.mass[tree, node] + 1
    _join_boxes(trees, tree, new)


@kernel(inline=True)
def _is_on_edge(trees, tree, node, leaf):  # type: ignore[no-untyped-def]
    edge = False
    for j in range(trees.points.shape[1]):
        edge |= trees.points[leaf, j] <= trees.low[tree, node, j]
        edge |= trees.points[leaf, j] >= trees.high[tree, node, j]
    return edge


@kernel()
def _remove_leaf(trees, tree, leaf):  # type: ignore[no-untyped-def]
    own = trees.cut.shape[1] + leaf
    parent = np.int64(trees.parent[tree, own])
    if parent < 0:
        trees.root[tree] = -1
        return
    is_left = trees.left[tree, parent] == own
    sibling = np.int64(trees.right[tree, parent] if is_left else trees.left[tree, parent])
    above = np.int64(trees.parent[tree, parent])
    _replace_child(trees, tree, above, parent, sibling)
    # As if it had never been there: equal contents are equal bytes.
    trees.cut[tree, parent], trees.dimension[tree, parent] = 0.0, 0
    trees.left[tree, parent], trees.right[tree, parent] = 0, 0
    trees.free_nodes[tree, trees.n_leaves[0] - 2] = parent
    on_edge = True
    while above >= 0:
        trees.mass[tree, above] -= 1
        # A point inside a box is inside those around it: there is nothing to shrink.
        on_edge = on_edge and _is_on_edge(trees, tree, above, leaf)
        if on_edge:
            _join_boxes(trees, tree, above)
        above = np.int64(trees.parent[tree, above])


@kernel()
def _add_mass(trees, tree, leaf, mass):  # type: ignore[no-untyped-def]
    node = trees.cut.shape[1] + leaf
    while node >= 0:
        trees.mass[tree, node] += mass
        node = np.int64(trees.parent[tree, node])


@kernel()
def _find_equal(trees, point):  # type: ignore[no-untyped-def]
    """Return the leaf of points equal to ``point``, or -1: it can only be where that would go."""
    n_nodes = trees.cut.shape[1]
    node = np.int64(trees.root[0])
    if node < 0:
        return -1
    while node < n_nodes:
        goes_left = point[trees.dimension[0, node]] <= trees.cut[0, node]
        node = np.int64(trees.left[0, node] if goes_left else trees.right[0, node])
    leaf = node - n_nodes
    for j in range(point.size):
        if trees.points[leaf, j] != point[j]:
            return -1
    return leaf


@kernel()
def insert(trees, point, generators, weight):  # type: ignore[no-untyped-def]
    """Insert a point into all trees, and return its leaf.

    Args:
        trees: with room for it.
        point: shape (D,).
        generators: one for each tree, shape (T, 1).
        weight: of a unit of length in each dimension, shape (D,).
    """
    n_trees = trees.root.size
    leaf = _find_equal(trees, point)
    if leaf >= 0:
        trees.points_at[leaf] += 1
        for tree in range(n_trees):
            _add_mass(trees, tree, leaf, 1)
        return leaf
    leaf = np.int64(trees.free_leaves[trees.n_leaves[0]])
    for j in range(point.size):
        trees.points[leaf, j] = point[j]
    trees.points_at[leaf] = 1
    for tree in range(n_trees):
        _insert_leaf(trees, tree, leaf, generators[tree], weight)
    trees.n_leaves[0] += 1
    return leaf


@kernel()
def remove(trees, leaf):  # type: ignore[no-untyped-def]
    """Remove one point of a leaf from all trees."""
    n_trees = trees.root.size
    trees.points_at[leaf] -= 1
    if trees.points_at[leaf] > 0:
        for tree in range(n_trees):
            _add_mass(trees, tree, leaf, -1)
        return
    for tree in range(n_trees):
        _remove_leaf(trees, tree, leaf)
    for j in range(trees.points.shape[1]):
        trees.points[leaf, j] = 0.0
    trees.n_leaves[0] -= 1
    trees.free_leaves[trees.n_leaves[0]] = leaf


@kernel()
def displacement(trees, tree, leaf):  # type: ignore[no-untyped-def]
    """Return the collusive displacement of a leaf, and the dimension whose cut shows it.

    The largest, over all the groups that the leaf is in, of how many points would move up if the
    group went, for each point of the group. The dimension is -1 if there are no other points.
    """
    node = trees.cut.shape[1] + leaf
    parent = np.int64(trees.parent[tree, node])
    largest, dimension = 0.0, -1
    while parent >= 0:
        mass = trees.mass[tree, node]
        displaced = (trees.mass[tree, parent] - mass) / mass
        if displaced > largest:
            largest, dimension = displaced, trees.dimension[tree, parent]
        node, parent = parent, np.int64(trees.parent[tree, parent])
    return largest, dimension


@kernel()
def rebuild(trees):  # type: ignore[no-untyped-def]
    """Derive parents, masses and boxes from all else."""
    n_trees, n_nodes = trees.cut.shape
    order = np.empty(n_nodes, np.int64)
    trees.parent[:] = -1
    for tree in range(n_trees):
        for leaf in range(n_nodes + 1):
            _fill_leaf(trees, tree, n_nodes + leaf, leaf)
        n_found = 0
        if 0 <= trees.root[tree] < n_nodes:
            order[0], n_found = trees.root[tree], 1
        i = 0
        while i < n_found:
            node = order[i]
            for child in (trees.left[tree, node], trees.right[tree, node]):
                trees.parent[tree, child] = node
                if child < n_nodes:
                    order[n_found] = child
                    n_found += 1
            i += 1
        for i in range(n_found - 1, -1, -1):
            node = order[i]
            left, right = trees.left[tree, node], trees.right[tree, node]
            trees.mass[tree, node] = trees.mass[tree, left] + trees.mass[tree, right]
            _join_boxes(trees, tree, node)
