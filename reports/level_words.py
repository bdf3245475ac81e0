"""Levels of agreement in words."""

from reports.comparison_facts import Level


def flagging(level: Level, n_detectors: int) -> range:
    """Return how many of the detectors flag a row of this level; empty if none could."""
    half = n_detectors // 2
    return {
        "all": range(n_detectors, n_detectors + 1),
        "majority": range(max(half + 1, 2), n_detectors),
        "some": range(2, half + 1),
        "one": range(1, min(2, n_detectors)),
    }[level]


def flagged_by(level: Level, n_detectors: int) -> str:
    """Say how many of the detectors that is: all 5, 3 or 4 of 5, 1 of 5."""
    if level == "all":
        return {1: "the only one", 2: "both"}.get(n_detectors, f"all {n_detectors}")
    counts = flagging(level, n_detectors)
    if len(counts) <= 2:
        return f"{' or '.join(map(str, counts))} of {n_detectors}"
    return f"{counts[0]} to {counts[-1]} of {n_detectors}"
