"""Wall-clock time."""

from collections.abc import Callable
from time import perf_counter


def best_seconds(work: Callable[[], object], repeats: int) -> float:
    """Return the shortest of ``repeats`` runs, the one least disturbed by other work."""
    return min(_seconds(work) for _ in range(repeats))


def _seconds(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start
