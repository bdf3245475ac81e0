"""A thread that announces alerts, beside the polling and without holding it up."""

from contextlib import suppress
from contextvars import copy_context
from threading import Event, Thread
from types import TracebackType
from typing import Self

from prefect import get_run_logger

from models.errors import DatabaseError
from tasks.database import utc_now
from tasks.streams.announce_alerts import announce_due_alerts, heed_clock

_LONGEST_WAIT_SECONDS = 30.0
_LEAVE_SECONDS = 5.0


class Announcer:
    """Announces what is due when it begins, when it is woken, and when its time comes.

    As a context it gives what is due at its end a few seconds. What is left then is announced by
    the next flow run, or by another one that runs already.
    """

    def __init__(self) -> None:
        """Belong to the flow run of the caller."""
        self._logger = get_run_logger()
        self._woken = Event()
        self._ended = False
        self._database_failed = False
        self._thread = Thread(
            target=copy_context().run, args=(self._run,), name="announcer", daemon=True
        )

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Announce once more, and end."""
        self._ended = True
        self.wake()
        self._thread.join(_LEAVE_SECONDS)

    def wake(self) -> None:
        """Announce now; returns at once."""
        self._woken.set()

    def _run(self) -> None:
        with suppress(DatabaseError):  # the next flow run does so, too
            heed_clock()
        while True:
            self._woken.clear()
            last = self._ended
            wait = self._announce()
            if last:
                return
            self._woken.wait(wait)

    def _announce(self) -> float:
        """Announce what is due, and return how long there will be nothing."""
        try:
            due_at = announce_due_alerts()
        except DatabaseError as error:
            if not self._database_failed:
                self._logger.warning("alerts are announced later: %s", error)
            self._database_failed = True
            return _LONGEST_WAIT_SECONDS
        self._database_failed = False
        if due_at is None:
            return _LONGEST_WAIT_SECONDS
        return min(max((due_at - utc_now()).total_seconds(), 0.0), _LONGEST_WAIT_SECONDS)
