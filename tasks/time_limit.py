"""Give up a source that takes too long."""

from collections.abc import Iterator
from contextlib import contextmanager

from prefect.utilities.timeout import timeout


class _LimitError(TimeoutError):
    """The limit is reached; other timeouts have causes of their own."""


@contextmanager
def time_limit(seconds: float | None) -> Iterator[None]:
    """Interrupt the block after so many seconds; None for no limit.

    On a thread a call that blocks, or computes, outside of Python is interrupted when it returns.
    The limit is not the task's own, since Prefect warns of that in the log of every task run.

    Raises:
        TimeoutError: the limit is reached.
    """
    try:
        with timeout(seconds, _LimitError):
            yield
    except _LimitError:
        raise TimeoutError(timed_out(seconds)) from None


def timed_out(seconds: float | None) -> str:
    """Return what is said of a source that took too long."""
    return (
        f"no result within {seconds:g} s: raise source_timeout, pass sample_size, or choose a "
        "faster detector"
    )
