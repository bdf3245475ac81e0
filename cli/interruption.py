"""Ctrl-C, heard at once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from cli.progress import Progress


@contextmanager
def interruption_said(progress: Progress, what: str = "cancelling") -> Iterator[None]:
    """Say at once that Ctrl-C was heard: to end what runs may take a while."""
    interrupt = signal.getsignal(signal.SIGINT)

    def say(signum: int, frame: FrameType | None) -> None:
        progress.note(what)
        if callable(interrupt):
            interrupt(signum, frame)

    signal.signal(signal.SIGINT, say)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, interrupt)
