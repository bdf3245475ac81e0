"""How many standard deviations a value lies from the mean: what two detectors have in common."""

import numpy as np

from detectors.kernels.cache import kernel

# More says no more, and a change after equal values, whose deviation is 0, can say no less.
MOST = 100.0

# A mean of that many digits is not known to more than these.
_RESOLUTION = 1e-12


@kernel(inline=True)
def _standard_score(value, mean, deviation):  # type: ignore[no-untyped-def]
    """Return the score of a value, at most 100; 0 while mean and deviation are unknown."""
    distance = abs(value - mean)
    if np.isnan(deviation) or distance <= _RESOLUTION * abs(mean):
        return 0.0
    return min(MOST, distance / deviation) if deviation > 0.0 else MOST


@kernel(inline=True)
def judge_row(  # type: ignore[no-untyped-def]
    mean, deviation, evidence, needed, X, row, threshold,
    scores, column_scores, expected_low, expected_high,
):  # fmt: skip
    """Write what there is to say of a row, and return whether any of its values is there.

    Args:
        mean: of each column, shape (d,), NaN if unknown, as is ``deviation``.
        deviation: standard deviation of each column.
        evidence: how much each column's mean and deviation rest on, shape (d,).
        needed: a column of less evidence scores 0.
        X: shape (n, d).
        row: the row of X.
        threshold: standard deviations that may be expected.
        scores: written, as the others see ``detectors.online.base.Observations``.
        column_scores: written.
        expected_low: written.
        expected_high: written.
    """
    known = False
    for c in range(mean.size):
        expected_low[row, c] = mean[c] - threshold * deviation[c]
        expected_high[row, c] = mean[c] + threshold * deviation[c]
        if np.isnan(X[row, c]):
            continue
        known = True
        known_well = evidence[c] >= needed
        score = _standard_score(X[row, c], mean[c], deviation[c]) if known_well else 0.0
        column_scores[row, c] = score
        scores[row] = max(scores[row], column_scores[row, c])
    return known
