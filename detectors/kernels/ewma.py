"""Exponentially weighted mean and deviation of a column.

A value that is one step older weighs ``1 - alpha`` times as much; the first is weighed like any
other, and the deviation is unbiased, as in pandas' ``ewm(alpha=alpha)``.
"""

from typing import NamedTuple

import numpy as np
from numba import boolean, float64, int64, typeof, types
from numpy.typing import NDArray

from detectors.kernels.cache import kernel
from detectors.kernels.learning import count_missing, decide
from detectors.kernels.standard_score import MOST, judge_row


class EwmaMemory(NamedTuple):
    """What is known of d columns, each of shape (d,).

    Attributes:
        weight: sum of the weights.
        square_weight: sum of their squares.
        squares: weighted sum of squared distances from the mean.
        mean: weighted; NaN while unknown.
        deviation: standard deviation; NaN while unknown.
    """

    weight: NDArray[np.float64]
    square_weight: NDArray[np.float64]
    squares: NDArray[np.float64]
    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]


def empty_memory(n_columns: int) -> EwmaMemory:
    """Return a memory of nothing."""
    return EwmaMemory(
        weight=np.zeros(n_columns),
        square_weight=np.zeros(n_columns),
        squares=np.zeros(n_columns),
        mean=np.full(n_columns, np.nan),
        deviation=np.full(n_columns, np.nan),
    )


@kernel(inline=True)
def _learn_value(memory, c, value, alpha):  # type: ignore[no-untyped-def]
    if memory.weight[c] == 0.0:
        memory.weight[c], memory.square_weight[c], memory.mean[c] = 1.0, 1.0, value
        return
    keep = 1.0 - alpha
    before = keep * memory.weight[c]
    weight = before + 1.0
    square_weight = keep * keep * memory.square_weight[c] + 1.0
    delta = value - memory.mean[c]
    # A giant is learnt as if it scored the most there is, or its trace would take ages to fade.
    if memory.deviation[c] > 0.0:
        most = MOST * memory.deviation[c]
        delta = min(max(delta, -most), most)
    squares = keep * memory.squares[c] + delta * delta * before / weight
    memory.mean[c] += delta / weight
    memory.deviation[c] = np.sqrt(squares / (weight - square_weight / weight))
    memory.weight[c], memory.square_weight[c], memory.squares[c] = weight, square_weight, squares


_Memory = typeof(empty_memory(1))


@kernel(
    types.void(
        _Memory, int64[::1], float64[:, ::1], float64, boolean, float64, int64, int64,
        float64[::1], float64[:, ::1], float64[:, ::1], float64[:, ::1], boolean[::1],
    )
)  # fmt: skip
def observe(  # type: ignore[no-untyped-def]
    memory, progress, X, alpha, learn, threshold, warm_up, patience,
    scores, column_scores, expected_low, expected_high, learnt,
):  # fmt: skip
    """Score rows one after the other, and if ``learn`` learn each before the next.

    Arguments are those of ``detectors.kernels.value_gap.observe``, and ``alpha``, the weight of a
    new value.
    """
    weight_of_warm_up = (1.0 - 1e-9) * (1.0 - (1.0 - alpha) ** warm_up) / alpha
    for row in range(X.shape[0]):
        # A column that began later than the others warms up on its own.
        needed = weight_of_warm_up if progress[0] >= warm_up else 0.0
        known = judge_row(
            memory.mean, memory.deviation, memory.weight, needed, X, row, threshold,
            scores, column_scores, expected_low, expected_high,
        )  # fmt: skip
        if not learn:
            continue
        if not known:
            count_missing(progress)
            continue
        learnt[row] = decide(progress, scores[row], threshold, warm_up, patience)
        for c in range(X.shape[1]):
            if learnt[row] and not np.isnan(X[row, c]):
                _learn_value(memory, c, X[row, c], alpha)
