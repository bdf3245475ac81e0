"""How far a value lies from all recent values, and how rare that is: the score ``value_gap``."""

from typing import NamedTuple

import numpy as np
from numba import boolean, float64, int64, typeof, types
from numpy.typing import NDArray

from detectors.kernels.cache import kernel
from detectors.kernels.hourly_profile import (
    HourlyProfiles,
    empty_profiles,
    hour_of,
    learn_value,
    usual_at,
)
from detectors.kernels.learning import count_missing, decide
from detectors.kernels.sorted_windows import (
    SortedWindows,
    at_least,
    empty_windows,
    held,
    locate,
    median,
    middle_range,
    neighbours,
    nth,
    push,
)

_FEWEST_VALUES = 30
_FEWEST_GAPS = 100
_COOL_DOWN = 100
_HALF = 2.8
_OUTSIDE = 0.005
_FEWEST_FOR_RANGE = 150
_FAR = 1.5


class ValueGapMemory(NamedTuple):
    """What is known of d columns.

    Attributes:
        values: recent values.
        residuals: recent values less what is usual at their hour, where that was known.
        gaps: recent gaps, both kinds as one.
        profiles: what is usual at each hour.
        heights: the rarity of the last rows, before any was suppressed, shape (d, 100).
        n_heights: heights ever kept, shape (d,); the next goes to ``n_heights % 100``.
    """

    values: SortedWindows
    residuals: SortedWindows
    gaps: SortedWindows
    profiles: HourlyProfiles
    heights: NDArray[np.float64]
    n_heights: NDArray[np.int64]


def empty_memory(n_columns: int, window: int) -> ValueGapMemory:
    """Return a memory of nothing."""
    return ValueGapMemory(
        values=empty_windows(n_columns, window),
        residuals=empty_windows(n_columns, window),
        gaps=empty_windows(n_columns, window),
        profiles=empty_profiles(n_columns),
        heights=np.zeros((n_columns, _COOL_DOWN)),
        n_heights=np.zeros(n_columns, np.int64),
    )


@kernel(inline=True)
def _resolution(windows, c):  # type: ignore[no-untyped-def]
    """Return a length far below any that matters, but above 0."""
    return 1e-9 * (abs(median(windows, c)) + 1e-9) + 1e-12


@kernel()
def _gap(windows, c, value):  # type: ignore[no-untyped-def]
    """Distance to the nearest value as a share of the range of all, at most 1; NaN if unknown."""
    if windows.total[c] < _FEWEST_VALUES:
        return np.nan
    n = held(windows, c)
    below, above = neighbours(windows, c, value)
    spread = nth(windows, c, n - 1) - nth(windows, c, 0)
    return min(1.0, min(value - below, above - value) / (spread + _resolution(windows, c)))


@kernel()
def _farness(windows, c, value):  # type: ignore[no-untyped-def]
    """Return a height above that of an alert if a value lies far outside the middle 99 %, else 0.

    It does not matter whether a value like it was there before, so that spikes that come back
    are seen each time.
    """
    if held(windows, c) < _FEWEST_FOR_RANGE:
        return 0.0
    low, high = middle_range(windows, c, _OUTSIDE)
    outside = max(low - value, value - high) / (high - low + _resolution(windows, c))
    return _HALF * (1.0 + 0.05 * np.log(outside / _FAR) + 1e-9) if outside > _FAR else 0.0


@kernel()
def _rarity(windows, c, gap):  # type: ignore[no-untyped-def]
    """Minus the decimal logarithm of how often a gap is this large.

    Counted below the largest 2 %, and above it the tail of Hill (1975).
    """
    if windows.total[c] < _FEWEST_GAPS:
        return 0.0
    n = held(windows, c)
    k = max(int(np.floor(0.02 * n)), 5)
    b, i = locate(windows, c, n - k)
    start = windows.blocks[c, b, i]
    if gap <= start:
        return -np.log10((at_least(windows, c, gap) + 1) / (n + 1))
    total = 0.0
    while b < windows.sizes.shape[1]:
        for j in range(i, windows.sizes[c, b]):
            total += np.log(windows.blocks[c, b, j] / start)
        b, i = b + 1, 0
    return -np.log10(k / (n + 1)) + np.log10(gap / start) / (total / k + 0.01)


@kernel(inline=True)
def _highest(memory, c):  # type: ignore[no-untyped-def]
    """Return the largest height of the last 100 rows, 0 if there are none."""
    highest = 0.0
    for height in memory.heights[c]:
        highest = max(highest, height)
    return highest


@kernel(inline=True)
def _score_value(memory, c, value, residual):  # type: ignore[no-untyped-def]
    """Return the height of a value, and its combined gap; ``residual`` is NaN while unknown."""
    gap_of_value = _gap(memory.values, c, value)
    if np.isnan(gap_of_value):
        gap_of_value = 0.0
    gap_of_residual = np.nan if np.isnan(residual) else _gap(memory.residuals, c, residual)
    if np.isnan(gap_of_residual):
        gap_of_residual = gap_of_value
    mean_root = (np.sqrt(gap_of_value) + np.sqrt(gap_of_residual)) / 2
    gap = mean_root * mean_root + 1e-6
    height = 4.0 + np.log10(gap) + 0.2 * _rarity(memory.gaps, c, gap)
    return max(0.0, height, _farness(memory.values, c, value)), gap


@kernel(inline=True)
def _expect(memory, c, usual):  # type: ignore[no-untyped-def]
    """Return the range of the middle 99 % of values, about what is usual if that is known."""
    if np.isnan(usual):
        return middle_range(memory.values, c, _OUTSIDE)
    low, high = middle_range(memory.residuals, c, _OUTSIDE)
    return usual + low, usual + high


_Memory = typeof(empty_memory(1, 1))


@kernel(
    types.void(
        _Memory, int64[::1], float64[:, ::1], float64[::1], boolean, float64, int64, int64,
        float64[::1], float64[:, ::1], float64[:, ::1], float64[:, ::1], boolean[::1],
    )
)  # fmt: skip
def observe(  # type: ignore[no-untyped-def]
    memory, progress, X, timestamps, learn, threshold, warm_up, patience,
    scores, column_scores, expected_low, expected_high, learnt,
):  # fmt: skip
    """Score rows one after the other, and if ``learn`` learn each before the next.

    Args:
        memory: of the columns; written if ``learn``.
        progress: see ``detectors.kernels.learning``; written if ``learn``.
        X: shape (n, d), NaN where missing.
        timestamps: seconds since 1970, shape (n,), NaN where there is none.
        learn: whether to learn.
        threshold: see ``detectors.kernels.learning.decide``, as ``warm_up`` and ``patience``.
        warm_up: rows.
        patience: rows.
        scores: written, as the others see ``detectors.online.base.Observations``.
        column_scores: written.
        expected_low: written.
        expected_high: written.
        learnt: written.
    """
    n_columns = X.shape[1]
    usual = np.empty(n_columns)
    height = np.empty(n_columns)
    gap = np.empty(n_columns)
    residual = np.empty(n_columns)
    for row in range(X.shape[0]):
        timed = not np.isnan(timestamps[row])
        hour = hour_of(timestamps[row]) if timed else 0
        known, largest = False, 0.0
        for c in range(n_columns):
            usual[c] = usual_at(memory.profiles, c, hour) if timed else np.nan
            expected_low[row, c], expected_high[row, c] = _expect(memory, c, usual[c])
            value = X[row, c]
            if np.isnan(value):
                continue
            known = True
            residual[c] = value - usual[c]
            height[c], gap[c] = _score_value(memory, c, value, residual[c])
            largest = max(largest, height[c])
            # A column that began later than the others warms up on its own.
            early = progress[0] >= warm_up and memory.n_heights[c] < warm_up
            is_reported = not early and height[c] > _highest(memory, c)
            reported = height[c] if is_reported else 0.0
            column_scores[row, c] = reported / (reported + _HALF)
            scores[row] = max(scores[row], column_scores[row, c])
        if not learn:
            continue
        if not known:
            count_missing(progress)
            continue
        # What is suppressed because it follows an alert is no more normal than the alert.
        learnt[row] = decide(progress, largest / (largest + _HALF), threshold, warm_up, patience)
        for c in range(n_columns):
            value = X[row, c]
            if np.isnan(value):
                continue
            memory.heights[c, memory.n_heights[c] % _COOL_DOWN] = height[c]
            memory.n_heights[c] += 1
            # How often such gaps come is known of all rows, or what is rare would stay so.
            push(memory.gaps, c, gap[c])
            if learnt[row]:
                push(memory.values, c, value)
                if not np.isnan(residual[c]):
                    push(memory.residuals, c, residual[c])
                if timed:
                    learn_value(memory.profiles, c, hour, value)
