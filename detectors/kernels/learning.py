"""Whether an observation is learnt: the rule that all online detectors share.

``progress`` holds the rows seen, and how many in a row, up to now, scored above the threshold.
"""

from numba import boolean, float64, int64, types

from detectors.kernels.cache import kernel


@kernel(inline=True)
def count_missing(progress):  # type: ignore[no-untyped-def]
    """Count a row with no values: it neither lengthens a run of anomalies nor ends it."""
    progress[0] += 1


@kernel(inline=True)
def decide(progress, score, threshold, warm_up, patience):  # type: ignore[no-untyped-def]
    """Count a row that scored ``score``, and return whether to learn it.

    After the ``warm_up``, a row above the threshold is left out until more than ``patience`` of
    them have followed one another.
    """
    if progress[0] >= warm_up and score > threshold:
        progress[1] += 1
    else:
        progress[1] = 0
    progress[0] += 1
    return progress[1] == 0 or progress[1] > patience


@kernel(
    types.void(
        int64[::1], float64[::1], boolean[::1], float64, int64, int64, boolean[::1],
    )
)  # fmt: skip
def decide_rows(progress, scores, present, threshold, warm_up, patience, learnt):  # type: ignore[no-untyped-def]
    """Decide row by row, and write what is learnt to ``learnt``, shape (n,), as all others."""
    for row in range(scores.size):
        if present[row]:
            learnt[row] = decide(progress, scores[row], threshold, warm_up, patience)
        else:
            learnt[row] = False
            count_missing(progress)
