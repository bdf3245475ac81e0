"""What is being done now, on stderr."""

from types import TracebackType
from typing import Self

from rich.status import Status

from cli.output import console


class Progress:
    """A line that changes on a terminal, and lines one below the other elsewhere."""

    def __init__(self) -> None:
        self._console = console(stderr=True)
        self._status: Status | None = None
        self._prefix = ""

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
        if not self._console.is_terminal:
            self._console.print(text)
        elif self._status is None:
            self._status = self._console.status(text)
            self._status.start()
        else:
            self._status.update(text)
