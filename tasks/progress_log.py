"""Say how far work on a large table is."""

from collections.abc import Callable, Iterable, Iterator
from logging import Logger, LoggerAdapter
from time import monotonic
from typing import Any, Protocol, TypeVar

_SECONDS_BETWEEN_LINES = 5.0


class _Counted(Protocol):
    @property
    def n_rows(self) -> int: ...


CountedT = TypeVar("CountedT", bound=_Counted)


def log_progress(
    results: Iterable[CountedT],
    n_rows: int,
    what: str,
    logger: "Logger | LoggerAdapter[Any]",
    clock: Callable[[], float] = monotonic,
) -> Iterator[CountedT]:
    """Yield the results of parts of a table, and log the share of rows done every few seconds.

    Args:
        results: one a part.
        n_rows: rows of the whole table.
        what: is being done.
        logger: where to.
        clock: tells seconds.
    """
    done, next_line = 0, clock() + _SECONDS_BETWEEN_LINES
    for result in results:
        done += result.n_rows
        if clock() >= next_line:
            logger.info("%s: %.0f %% of %s rows", what, 100 * done / n_rows, f"{n_rows:,}")
            next_line = clock() + _SECONDS_BETWEEN_LINES
        yield result
