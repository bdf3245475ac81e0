"""What is being done now, on stderr."""

from time import monotonic
from types import TracebackType
from typing import Self

from rich.console import RenderableType
from rich.progress_bar import ProgressBar
from rich.status import Status
from rich.table import Table

from cli.output import console, styled

_BAR_WIDTH = 30
_SECONDS_BETWEEN_LINES = 5


class Progress:
    """A line that changes on a terminal, and lines one below the other elsewhere."""

    def __init__(self) -> None:
        self._console = console(stderr=True)
        self._status: Status | None = None
        self._prefix = ""
        self._measured = ""
        self._measured_at = float("-inf")

    def __enter__(self) -> Self:
        """Begin to show what is said."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the line away."""
        if self._status is not None:
            self._status.stop()

    def put_before(self, prefix: str) -> None:
        """Begin all that is said from now on with ``prefix``."""
        self._prefix = prefix

    def say(self, what: str) -> None:
        """Show that this is being done now."""
        text = f"{self._prefix}{what}"
        if self._console.is_terminal:
            self._show(styled(text))
        else:
            self._console.print(text)

    def note(self, what: str) -> None:
        """Say something that stays to be read."""
        self._console.print(styled(what, "yellow"), soft_wrap=True)

    def measure(self, done: int, total: int, text: str) -> None:
        """Show how much is done: a bar on a terminal, a line every few seconds elsewhere.

        Args:
            done: how many are done.
            total: of so many.
            text: the same in words.
        """
        if self._console.is_terminal:
            line = Table.grid(padding=(0, 1))
            line.add_column()
            line.add_column(no_wrap=True, overflow="ellipsis")
            line.add_row(ProgressBar(max(total, 1), done, width=_BAR_WIDTH), styled(text))
            self._show(line)
            return
        waited = monotonic() - self._measured_at >= _SECONDS_BETWEEN_LINES
        if text != self._measured and (waited or done == total):
            self._console.print(text)
            self._measured, self._measured_at = text, monotonic()

    def _show(self, what: RenderableType) -> None:
        if self._status is None:
            self._status = self._console.status(what)
            self._status.start()
        else:
            self._status.update(what)
