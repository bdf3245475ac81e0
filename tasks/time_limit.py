"""Give up a source that takes too long."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from prefect.utilities.timeout import timeout


@contextmanager
def time_limit(seconds: float | None) -> Iterator[None]:
    """Interrupt the block after so many seconds; None for no limit.

    On a thread, a call that blocks or computes outside of Python is interrupted when it returns.
    The limit is not the task's own, since Prefect warns of that in the log of every task run.

    Raises:
        TimeoutError: the limit is reached.
    """
    begun = monotonic()
    try:
        with timeout(seconds):
            yield
    except Exception as error:
        # Libraries may turn the interruption into an error of their own.
        if seconds is None or monotonic() - begun < seconds:
            raise
        raise TimeoutError(timed_out(seconds)) from error


def timed_out(seconds: float) -> str:
    """Return what is said of a source that took too long."""
    return (
        f"no result within {seconds:g} s: raise source_timeout, pass sample_size, or choose a "
        "faster detector"
    )
