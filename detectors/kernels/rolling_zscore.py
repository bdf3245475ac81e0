"""Mean and deviation of the last values of a column, with nothing ever subtracted.

Values come in blocks of a window. The window is the end of the last block and the beginning of this
one: moments are known of every end of the last block, worked out backwards when it was full, and of
this one's beginning; the two are joined (Chan, Golub and LeVeque 1979). So a giant value that
leaves the window leaves no rounding error behind.
"""

from typing import NamedTuple

import numpy as np
from numba import boolean, float64, int64, typeof, types
from numpy.typing import NDArray

from detectors.kernels.cache import kernel
from detectors.kernels.learning import count_missing, decide
from detectors.kernels.standard_score import judge_row


class RollingMemory(NamedTuple):
    """What is known of d columns; all but ``ring`` and ``total`` is derived from these.

    Attributes:
        ring: values, shape (d, window): those of this block, then the end of the last.
        total: values ever learnt, shape (d,); the next goes to ``total % window``.
        block_mean: of this block, shape (d,).
        block_squares: sum of squared distances from it, shape (d,).
        end_mean: of the last block from each place on, shape (d, window).
        end_squares: sum of squared distances from it, shape (d, window).
        mean: of the window, shape (d,); NaN while unknown.
        deviation: standard deviation of the window, shape (d,); NaN while unknown.
    """

    ring: NDArray[np.float64]
    total: NDArray[np.int64]
    block_mean: NDArray[np.float64]
    block_squares: NDArray[np.float64]
    end_mean: NDArray[np.float64]
    end_squares: NDArray[np.float64]
    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]


def empty_memory(n_columns: int, window: int) -> RollingMemory:
    """Return a memory of nothing."""
    return RollingMemory(
        ring=np.zeros((n_columns, window)),
        total=np.zeros(n_columns, np.int64),
        block_mean=np.zeros(n_columns),
        block_squares=np.zeros(n_columns),
        end_mean=np.zeros((n_columns, window)),
        end_squares=np.zeros((n_columns, window)),
        mean=np.full(n_columns, np.nan),
        deviation=np.full(n_columns, np.nan),
    )


@kernel(inline=True)
def _add(mean, squares, n, value):  # type: ignore[no-untyped-def]
    """Return moments of ``n`` values, of which ``value`` is the last (Welford 1962)."""
    delta = value - mean
    mean += delta * (1.0 / n)  # which does not have to wait for ``delta``
    return mean, squares + delta * (value - mean)


@kernel()
def _end_block(ring, end_mean, end_squares, c):  # type: ignore[no-untyped-def]
    mean, squares = 0.0, 0.0
    window = ring.shape[1]
    for place in range(window - 1, -1, -1):
        mean, squares = _add(mean, squares, window - place, ring[c, place])
        end_mean[c, place], end_squares[c, place] = mean, squares


@kernel(inline=True)
def _join(place, window, full, block_mean, block_squares, end_mean, end_squares):  # type: ignore[no-untyped-def]
    """Return mean and deviation of the window, of which the next value goes to ``place``."""
    # Products with what does not change from row to row: divisions take most of the time here.
    share, rest = (window - place) * (1.0 / window), 1.0 / (window - 1)
    if not full:
        share, rest = 0.0, 1.0 / (place - 1) if place > 1 else np.nan
    delta = end_mean - block_mean
    squares = block_squares + delta * delta * (place * share)
    if full:
        squares += end_squares
    return block_mean + delta * share, np.sqrt(squares * rest)


_Memory = typeof(empty_memory(1, 1))


@kernel(
    types.void(
        _Memory, int64[::1], float64[:, ::1], boolean, float64, int64, int64,
        float64[::1], float64[:, ::1], float64[:, ::1], float64[:, ::1], boolean[::1],
    )
)  # fmt: skip
def observe(  # type: ignore[no-untyped-def]
    memory, progress, X, learn, threshold, warm_up, patience,
    scores, column_scores, expected_low, expected_high, learnt,
):  # fmt: skip
    """Score rows one after the other, and if ``learn`` learn each before the next.

    Arguments are those of ``detectors.kernels.value_gap.observe``.
    """
    # Arrays by their own names, and helpers that are handed numbers: each array handed to one would
    # have its references counted, row by row, which takes longer than all the arithmetic.
    ring, total = memory.ring, memory.total
    block_mean, block_squares = memory.block_mean, memory.block_squares
    end_mean, end_squares = memory.end_mean, memory.end_squares
    mean, deviation = memory.mean, memory.deviation
    window = ring.shape[1]
    for row in range(X.shape[0]):
        # A column that began later than the others warms up on its own.
        needed = warm_up if progress[0] >= warm_up else 0
        known = judge_row(
            mean, deviation, total, needed, X, row, threshold,
            scores, column_scores, expected_low, expected_high,
        )  # fmt: skip
        if not learn:
            continue
        if not known:
            count_missing(progress)
            continue
        learnt[row] = decide(progress, scores[row], threshold, warm_up, patience)
        for c in range(X.shape[1]):
            value = X[row, c]
            if not learnt[row] or np.isnan(value):
                continue
            place = total[c] % window
            ring[c, place] = value
            total[c] += 1
            place += 1
            block_mean[c], block_squares[c] = _add(block_mean[c], block_squares[c], place, value)
            if place == window:
                _end_block(ring, end_mean, end_squares, c)
                block_mean[c], block_squares[c] = 0.0, 0.0
                place = 0
            mean[c], deviation[c] = _join(
                place, window, total[c] >= window,
                block_mean[c], block_squares[c], end_mean[c, place], end_squares[c, place],
            )  # fmt: skip


@kernel(types.void(_Memory))
def rebuild(memory):  # type: ignore[no-untyped-def]
    """Derive all else from ``ring`` and ``total``."""
    window = memory.ring.shape[1]
    for c in range(memory.total.size):
        total = memory.total[c]
        place = total % window
        mean, squares = 0.0, 0.0
        for i in range(place):
            mean, squares = _add(mean, squares, i + 1, memory.ring[c, i])
        memory.block_mean[c], memory.block_squares[c] = mean, squares
        # Where this block has overwritten the last one, its ends are wrong, and not asked for.
        _end_block(memory.ring, memory.end_mean, memory.end_squares, c)
        memory.mean[c], memory.deviation[c] = _join(
            place, window, total >= window,
            mean, squares, memory.end_mean[c, place], memory.end_squares[c, place],
        )  # fmt: skip
        if total == 0:
            memory.mean[c] = np.nan
