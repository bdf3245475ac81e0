"""Poll one stream, tick by tick, until its time is over or it is taken away."""

from collections import deque
from contextlib import suppress
from datetime import datetime, timedelta
from math import ceil
from threading import Event
from time import monotonic

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from models.errors import DatabaseError, DatabaseLostError, LeaseLostError, UnknownStreamError
from models.queries.lease import Lease
from models.stream_status import StreamStatus
from tasks.database import utc_now
from tasks.streams.announcer import Announcer
from tasks.streams.failed_stream import announce_failed_stream
from tasks.streams.held_stream import HeldStream
from tasks.streams.polled_stream import PolledStream, Tick
from tasks.streams.stream_run import Ending, StreamFailedError, StreamRun

# While a stream waits, a person's wish to pause it is seen within so many seconds.
_LOOK_SECONDS = 5.0
_LONGEST_BACKOFF_SECONDS = 900.0
_DATABASE_RETRY_SECONDS = 2.0
_NOTICES_KEPT = 20


@task(task_run_name="stream-{name}", cache_policy=NO_CACHE)
def poll_stream(
    lease: Lease, name: str, until: float, stopping: Event, announcer: Announcer
) -> StreamRun:
    """Poll a stream that was taken, each time its clock says so.

    Args:
        lease: of the stream.
        name: of the stream, which names the task run.
        until: when to let it go, as ``time.monotonic`` has it.
        stopping: is set to let it go earlier.
        announcer: is woken when there are alerts.

    Raises:
        StreamFailedError: it was given up after too many failures in a row.
    """
    return _Polling(lease, name, until, stopping, announcer).run()


class _Polling:
    """The clock of a stream, and what is done at its beats.

    Beats are ``every_seconds`` apart, however long a tick takes; those that are missed are left
    out. Pages of a backlog are read without waiting: other streams have threads of their own.
    """

    def __init__(
        self, lease: Lease, name: str, until: float, stopping: Event, announcer: Announcer
    ) -> None:
        self._name = name
        self._until = until
        self._stopping = stopping
        self._announcer = announcer
        self._held = HeldStream(lease)
        self._polled = PolledStream(self._held)
        self._logger = get_run_logger()
        self._next: float | None = None  # beat, as time.monotonic has it
        self._failures_in_a_row = 0
        self._database_failed = False
        self._rows = self._alerts = self._failures = 0
        self._error: Exception | None = None
        self._notices: deque[str] = deque(maxlen=_NOTICES_KEPT)

    def run(self) -> StreamRun:
        try:
            ending = self._poll()
        except (LeaseLostError, UnknownStreamError) as error:
            self._logger.info("%s", error)
            ending = Ending.TAKEN_AWAY
        finally:
            self._polled.close()
            with suppress(DatabaseError):  # the lease runs out by itself
                self._held.release()
        return self._summary(ending)

    def _summary(self, ending: Ending) -> StreamRun:
        error = self._error
        return StreamRun(
            stream_id=self._held.lease.stream_id,
            rows=self._rows,
            alerts=self._alerts,
            ending=ending,
            failures=self._failures,
            error_type=None if error is None else type(error).__name__,
            error_message=None if error is None else str(error) or repr(error),
            notices=tuple(self._notices),
        )

    def _poll(self) -> Ending:
        while not self._is_over():
            try:
                status = self._held.look().status
                if status is not StreamStatus.RUNNING:
                    return Ending.PAUSED if status is StreamStatus.PAUSED else Ending.STOPPED
                if self._seconds_left() <= 0:
                    self._settle(self._polled.tick(self._moment(self._following_beat())))
            except (DatabaseLostError, LeaseLostError, UnknownStreamError):
                raise
            except DatabaseError as error:
                self._wait_for_database(error)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is this stream's alone
                self._back_off(error)
        return Ending.TIME_OVER

    def _is_over(self) -> bool:
        """Wait for the next beat, though not for long, and say whether the time is over."""
        if self._next is not None:
            longest = min(_LOOK_SECONDS, self._until - monotonic())
            self._stopping.wait(max(min(self._seconds_left(), longest), 0.0))
        return self._stopping.is_set() or monotonic() >= self._until

    def _seconds_left(self) -> float:
        if self._next is None:
            planned = self._held.loaded.stream.next_poll_at
            seconds = 0.0 if planned is None else (planned - utc_now()).total_seconds()
            # A clock that was set back should not make it wait for longer than it ever does.
            stream = self._held.loaded.stream
            longest = stream.every_seconds
            if stream.failures:
                longest = max(longest, _backoff(stream.failures))
            self._next = monotonic() + min(max(seconds, 0.0), longest)
        return self._next - monotonic()

    def _following_beat(self) -> float:
        assert self._next is not None
        every = self._held.loaded.stream.every_seconds
        return self._next + every * max(ceil((monotonic() - self._next) / every), 1)

    def _settle(self, tick: Tick) -> None:
        self._rows += tick.rows
        self._alerts += tick.alerts
        if tick.alerts:
            self._announcer.wake()
        for notice in tick.notices:
            self._logger.warning("%s: %s", self._name, notice)
            self._notices.append(notice)
        if self._failures_in_a_row or self._database_failed:
            self._logger.info("%s goes on", self._name)
            self._failures_in_a_row, self._database_failed = 0, False
        if not tick.more:
            self._next = max(self._following_beat(), monotonic() + (tick.wait_seconds or 0.0))

    def _back_off(self, error: Exception) -> None:
        self._polled.fail()
        self._error = error
        self._failures += 1
        self._failures_in_a_row += 1
        wait = _backoff(self._failures_in_a_row)
        try:
            stream = self._held.note_failure(error, utc_now() + timedelta(seconds=wait))
        except DatabaseError as failure:
            self._wait_for_database(failure)
            return
        self._next = monotonic() + wait
        if stream.status is StreamStatus.ERROR:
            announce_failed_stream(stream)
            raise StreamFailedError(
                f"{self._name} is given up after {stream.failures} failures in a row, the last of "
                f"them {stream.error_type}: {stream.error_message}; `vigil streams resume "
                f"{self._name}` tries again",
                self._summary(Ending.GIVEN_UP),
            ) from error
        if self._failures_in_a_row == 1:
            self._logger.warning("%s: %s", self._name, error)

    def _wait_for_database(self, error: DatabaseError) -> None:
        self._polled.fail()
        self._next = monotonic() + _DATABASE_RETRY_SECONDS
        if not self._database_failed:
            self._database_failed = True
            self._logger.warning("%s waits for the database: %s", self._name, error)

    def _moment(self, beat: float) -> datetime:
        return utc_now() + timedelta(seconds=beat - monotonic())


def _backoff(failures: int) -> float:
    return min(2.0 ** min(failures, 20), _LONGEST_BACKOFF_SECONDS)
