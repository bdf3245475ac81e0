"""A stream and its source: one tick reads a page, and stores what follows from it."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from time import monotonic

from detectors.errors import DetectorError
from models.queries.polls import Poll
from models.tables.source import Source
from models.tables.stream import Stream
from settings import get_settings
from sources.polling import Page, Poller
from tasks.database import utc_now
from tasks.rows import row_keys
from tasks.streams.checkpoint import begin
from tasks.streams.held_stream import HeldStream, Loaded
from tasks.streams.open_source import choose_columns, open_stream_source
from tasks.streams.process_rows import IncomingRows


@dataclass(frozen=True)
class Tick:
    """What one poll brought.

    Attributes:
        rows: rows that were read.
        alerts: alerts that are new.
        more: whether another page is ready at once.
        wait_seconds: how long the source asks to be left alone; None when it asks for nothing.
        notices: what a person should know of the source.
    """

    rows: int
    alerts: int
    more: bool
    wait_seconds: float | None
    notices: tuple[str, ...]


class PolledStream:
    """Polls the source of a stream that is held."""

    def __init__(self, held: HeldStream) -> None:
        """Poll for its holder."""
        self._held = held
        self._poller: Poller | None = None
        self._opened_for: Stream | None = None
        self._noted = float("-inf")

    def tick(self, next_poll_at: datetime) -> Tick:
        """Read the next page, if there is one, and store what follows from it.

        A poll that brings nothing is noted now and then only.

        Args:
            next_poll_at: when the stream is polled next if there is no other page.

        Raises:
            SourceError: the source cannot be read.
            DetectorError: its rows do not fit the stream.
            LeaseLostError: the stream was taken away.
            DatabaseError: the database failed.
        """
        loaded = self._held.loaded
        if loaded.source is None:
            raise DetectorError(
                f"stream {loaded.stream.name} has no source to poll: it is only pushed to"
            )
        page = self._open(loaded.stream, loaded.source).poll(
            loaded.cursor, loaded.stream.page_limit
        )
        poll = Poll(
            polled_at=utc_now(),
            next_poll_at=next_poll_at,
            behind=None if page.lag is None else page.lag.amount,
            behind_unit=None if page.lag is None else page.lag.unit,
        )
        alerts = 0
        if len(page.rows):
            alerts = self._store(loaded, loaded.source, page, poll)
        else:
            loaded.cursor = page.next_cursor
            if page.more:  # the cursor moved all the same, past what was said to be left out
                self._noted = float("-inf")
            alerts = self._note(poll)
        return Tick(len(page.rows), alerts, page.more, page.wait_seconds, page.notices)

    def fail(self) -> None:
        """Forget all that is open or in memory after an error; the next poll is noted at once."""
        self.close()
        self._held.discard()
        self._noted = float("-inf")

    def close(self) -> None:
        """Give back what the poller holds open."""
        if self._poller is not None:
            self._poller.close()
            self._poller = None

    def _open(self, stream: Stream, source: Source) -> Poller:
        if self._opened_for is not stream:  # it was read again, and may be another one
            self.close()
            self._opened_for = stream
        if self._poller is None:
            self._poller = open_stream_source(stream, source)
        return self._poller

    def _store(self, loaded: Loaded, source: Source, page: Page, poll: Poll) -> int:
        if loaded.knowledge is None:
            loaded.knowledge = begin(
                loaded.stream, choose_columns(loaded.stream, source, page.rows)
            )
        rows = IncomingRows(
            frame=page.rows,
            times=loaded.knowledge.columns.times(page.rows),
            keys=partial(row_keys, page.rows, source.key_columns),
        )
        stored = self._held.store(rows, page.next_cursor, poll)
        self._noted = monotonic()
        return len(stored.alerts)

    def _note(self, poll: Poll) -> int:
        falls_silent = self._held.count_empty_poll(poll)
        if falls_silent or monotonic() - self._noted > get_settings().stale_after_seconds / 3:
            self._noted = monotonic()
            return len(self._held.note_poll(poll))
        return 0
