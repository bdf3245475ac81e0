"""Score rows by what they displace in random cut trees of the rows before them."""

from typing import NamedTuple

import numpy as np
from numba import boolean, float64, int64, typeof, types, uint64
from numpy.typing import NDArray

from detectors.kernels.cache import kernel
from detectors.kernels.learning import count_missing, decide
from detectors.kernels.random import below, seed_generator
from detectors.kernels.random_cut_trees import (
    RandomCutTrees,
    displacement,
    empty_trees,
    insert,
    remove,
)
from detectors.kernels.random_cut_trees import rebuild as rebuild_trees
from detectors.kernels.sorted_windows import (
    SortedWindows,
    empty_windows,
    held,
    middle_range,
    nth,
    push,
)
from detectors.kernels.sorted_windows import rebuild as rebuild_windows

_OUTSIDE = 0.005
_SMALLEST_SPAN = 1e-150
_NEXT_TO_NOTHING = 1e-12


class RrcfMemory(NamedTuple):
    """What is known of d columns.

    Attributes:
        trees: of the last ``window`` points; a point is a row behind those before it.
        leaves: of the points, by arrival, shape (window,).
        total: points ever learnt, shape (1,); the next goes to ``total % window``.
        before: the rows before the next, the oldest first, shape (shingle - 1, d).
        recent: the values of each column.
    """

    trees: RandomCutTrees
    leaves: NDArray[np.int32]
    total: NDArray[np.int64]
    before: NDArray[np.float64]
    recent: SortedWindows


def empty_memory(n_columns: int, window: int, n_trees: int, shingle: int) -> RrcfMemory:
    """Return a memory of nothing."""
    return RrcfMemory(
        trees=empty_trees(n_trees, window, shingle * n_columns),
        leaves=np.zeros(window, np.int32),
        total=np.zeros(1, np.int64),
        before=np.zeros((shingle - 1, n_columns)),
        recent=empty_windows(n_columns, window),
    )


@kernel()
def _has_value(X, row):  # type: ignore[no-untyped-def]
    found = False
    for c in range(X.shape[1]):
        found |= not np.isnan(X[row, c])
    return found


@kernel()
def _fill_gaps(recent, X, row, seed, number, generator, filled):  # type: ignore[no-untyped-def]
    """Copy a row to ``filled``, with a usual value of its column, drawn at random, in each gap.

    So that a gap says nothing, and the column keeps its spread in the trees.
    """
    d = X.shape[1]
    for c in range(d):
        filled[c] = X[row, c]
        if np.isnan(filled[c]):
            n = held(recent, c)
            out = int(_OUTSIDE * n)
            # Other sequences than those of the trees, which count from 0.
            seed_generator(generator, seed, -1 - (number * d + c))
            filled[c] = nth(recent, c, out + below(generator, n - 2 * out)) if n > 0 else 0.0


@kernel()
def _fill_point(before, filled, point):  # type: ignore[no-untyped-def]
    """Put the rows before, and this one behind them, into one point."""
    n_before, d = before.shape
    for c in range(d):
        for i in range(n_before):
            point[i * d + c] = before[i, c]
        point[n_before * d + c] = filled[c]


@kernel()
def _fill_weight(recent, known, expected_low, expected_high, row, weight):  # type: ignore[no-untyped-def]
    """Make a unit of length weigh less where values are far apart; a single column needs none.

    A column with fewer values than the trees have points weighs next to nothing: some of its
    coordinates were made up when nothing was known of it.
    """
    d = expected_low.shape[1]
    for j in range(weight.size):
        c = j % d
        low, high = expected_low[row, c], expected_high[row, c]
        span = high - low
        if span <= _SMALLEST_SPAN:
            span = max(1e-9 * abs(low), _SMALLEST_SPAN)
        weight[j] = 1.0 / span if d > 1 and not np.isnan(span) else 1.0
        if held(recent, c) < known:
            weight[j] *= _NEXT_TO_NOTHING


@kernel()
def _remember(before, filled):  # type: ignore[no-untyped-def]
    n_before = before.shape[0]
    for c in range(filled.size if n_before > 0 else 0):
        for i in range(n_before - 1):
            before[i, c] = before[i + 1, c]
        before[n_before - 1, c] = filled[c]


_Memory = typeof(empty_memory(1, 1, 1, 1))


@kernel(
    types.void(
        _Memory, int64[::1], float64[:, ::1], uint64, boolean, float64, int64, int64,
        float64[::1], float64[:, ::1], float64[:, ::1], float64[:, ::1], boolean[::1],
    )
)  # fmt: skip
def observe(  # type: ignore[no-untyped-def]
    memory, progress, X, seed, learn, threshold, warm_up, patience,
    scores, column_scores, expected_low, expected_high, learnt,
):  # fmt: skip
    """Score rows one after the other, and if ``learn`` learn each before the next.

    A row is scored with its point in the trees; if it is not learnt, the point is taken out again.
    What is drawn depends on the seed, the tree and the number of points before, so that it is drawn
    alike whether or not the row was scored before it is learnt. Gaps are filled with usual values,
    and what they displace is no part of a column's score.

    Arguments are those of ``detectors.kernels.value_gap.observe``, and ``seed``, of all trees.
    """
    trees, recent = memory.trees, memory.recent
    n_rows, d = X.shape
    n_trees, window = trees.cut.shape
    n_before = memory.before.shape[0]
    point = np.empty(trees.points.shape[1])
    weight = np.empty(point.size)
    generators = np.empty((n_trees, 1), np.uint64)
    filled = np.empty(d)
    for row in range(n_rows):
        for c in range(d):
            low, high = middle_range(recent, c, _OUTSIDE)
            expected_low[row, c], expected_high[row, c] = low, high
            if not np.isnan(X[row, c]):
                column_scores[row, c] = 0.0
        if not _has_value(X, row):
            if learn:
                count_missing(progress)
            continue
        _fill_gaps(recent, X, row, seed, memory.total[0], generators[0], filled)
        complete = recent.total.max() >= n_before
        leaf = np.int64(-1)
        if complete:
            _fill_point(memory.before, filled, point)
            known = min(memory.total[0], window)
            _fill_weight(recent, known, expected_low, expected_high, row, weight)
            for tree in range(n_trees):
                seed_generator(generators[tree], seed, memory.total[0] * n_trees + tree)
            leaf = insert(trees, point, generators, weight)
            others = max(1, min(memory.total[0], window)) * n_trees
            # Empty rows count towards the warm-up, and fill no tree.
            is_early = progress[0] >= warm_up and memory.total[0] < window
            for tree in range(0 if is_early else n_trees):
                displaced, dimension = displacement(trees, tree, leaf)
                scores[row] += displaced / others
                if dimension >= 0:
                    column_scores[row, dimension % d] += displaced / others
        if learn:
            learnt[row] = decide(progress, scores[row], threshold, warm_up, patience)
        if complete and not learnt[row]:
            remove(trees, leaf)
        if not learnt[row]:
            continue
        if complete:
            slot = memory.total[0] % window
            if memory.total[0] >= window:
                remove(trees, memory.leaves[slot])
            memory.leaves[slot] = leaf
            memory.total[0] += 1
        _remember(memory.before, filled)
        for c in range(d):
            if not np.isnan(X[row, c]):
                push(recent, c, X[row, c])


@kernel(types.void(_Memory))
def rebuild(memory):  # type: ignore[no-untyped-def]
    """Derive what the arrays say that are derived."""
    rebuild_trees(memory.trees)
    rebuild_windows(memory.recent)
