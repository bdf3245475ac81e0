"""A stream in the hands of its holder: in memory between ticks, in the database after each."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from models.clock import read_clock
from models.queries.lease import Lease, LeaseView, look_at_lease, release_lease
from models.queries.points import find_checkpoint, list_stream_statistics
from models.queries.polls import Failure, Poll, record_stream_failure, renew_lease
from models.queries.sources import get_source_by_id
from models.queries.streams import get_stream
from models.queries.ticks import StoredTick, move_cursor, store_silence, store_tick
from models.session import session_scope
from models.stream_status import AlertKind
from models.tables.alert import AlertRow, condition_key
from models.tables.source import Source
from models.tables.stream import Stream
from settings import get_settings
from tasks.database import open_engine, utc_now
from tasks.streams.checkpoint import Knowledge, restore
from tasks.streams.process_rows import IncomingRows, process_rows


def lease_end(session: Session) -> datetime:
    """Return until when a lease is valid that is taken or renewed now, by the database's clock."""
    return read_clock(session) + timedelta(seconds=get_settings().stale_after_seconds)


@dataclass
class Loaded:
    """A stream as it was last read, and what it knows by now.

    Attributes:
        stream: the stream.
        source: its source; None if it is only pushed to.
        knowledge: what it knows; None before its first row.
        cursor: where it reads on.
    """

    stream: Stream
    source: Source | None
    knowledge: Knowledge | None
    cursor: str | None


class HeldStream:
    """What a holder does with its stream.

    What is in memory is thrown away whenever storing it fails, for whatever reason, and is read
    again from the checkpoint: whether a transaction whose end was not heard of took place can be
    seen there only.
    """

    def __init__(self, lease: Lease) -> None:
        """Work on the stream of a lease that was just taken."""
        self.lease = lease
        self._loaded: Loaded | None = None

    @property
    def loaded(self) -> Loaded:
        """The stream, read from the database if it is not in memory.

        Raises:
            UnknownStreamError: it was deleted.
            CheckpointError: its checkpoint was written by another version of Vigil.
            DetectorError: its detector is built otherwise now.
        """
        if self._loaded is None:
            self._loaded = self._load()
        return self._loaded

    def discard(self) -> None:
        """Forget what is in memory."""
        self._loaded = None

    def look(self) -> LeaseView:
        """Return how the stream stands; a definition that was changed counts from now on.

        Raises:
            LeaseLostError: the stream was taken away.
        """
        with session_scope(open_engine(), writes=False) as session:
            view = look_at_lease(session, self.lease)
        self._heed(view)
        return view

    def store(self, rows: IncomingRows, cursor: str | None, poll: Poll) -> StoredTick:
        """Score and learn rows, and store all that follows in one transaction.

        Args:
            rows: for which the stream has chosen its columns.
            cursor: where the rows after these begin.
            poll: that brought them.

        Raises:
            LeaseLostError: the stream was taken away; nothing was stored.
            DetectorError: the rows do not have the columns watched.
            DatabaseError: nothing was stored, or no word of it came back.
        """
        loaded = self.loaded
        assert loaded.knowledge is not None
        try:
            silence = self._count_poll(loaded, poll, rows=True)
            result = process_rows(loaded.stream, loaded.knowledge, rows, cursor)
            if silence is not None:
                result = replace(result, ended=[*result.ended, silence])
            with session_scope(open_engine()) as session:
                expires_at = lease_end(session)
                stored = store_tick(session, self.lease, result, poll, expires_at, utc_now())
        except BaseException:
            self.discard()
            raise
        loaded.cursor = cursor
        self._heed(stored.view)
        return stored

    def count_empty_poll(self, poll: Poll) -> bool:
        """Take in a poll that brought no rows, and say whether the stream falls silent with it."""
        knowledge = self.loaded.knowledge
        if knowledge is None or self.loaded.stream.silence_seconds == 0:
            return False
        was_silent = knowledge.arrivals.silent
        self._count_poll(self.loaded, poll, rows=False)
        return knowledge.arrivals.silent and not was_silent

    def note_poll(self, poll: Poll) -> list[UUID]:
        """Note a poll that brought no rows, and renew the lease.

        Returns:
            The alert that the stream has fallen silent, if this is new.

        Raises:
            LeaseLostError: the stream was taken away.
        """
        cursor, knowledge = self.loaded.cursor, self.loaded.knowledge
        raised: list[UUID] = []
        try:
            with session_scope(open_engine()) as session:
                view = renew_lease(session, self.lease, lease_end(session), poll)
                if cursor is not None:
                    move_cursor(session, self.lease.stream_id, cursor, utc_now())
                if knowledge is not None:
                    raised = store_silence(
                        session,
                        self.lease.stream_id,
                        knowledge.arrivals.dump(),
                        _silence(knowledge),
                        utc_now(),
                    )
        except BaseException:
            self.discard()
            raise
        self._heed(view)
        return raised

    def _count_poll(self, loaded: Loaded, poll: Poll, *, rows: bool) -> str | None:
        """Take in a poll, and return the key of the silence that it ends, if any."""
        knowledge, stream = loaded.knowledge, loaded.stream
        assert knowledge is not None
        if stream.source_id is None:  # whoever pushes may pause
            return None
        before = knowledge.arrivals
        knowledge.arrivals = before.poll(
            poll.polled_at.timestamp(),
            stream.every_seconds,
            rows=rows,
            limit=stream.silence_seconds,
        )
        ends = before.silent and not knowledge.arrivals.silent
        return condition_key(AlertKind.SILENCE, knowledge.monitor.rows_seen) if ends else None

    def note_failure(self, error: Exception, retry_at: datetime) -> Stream:
        """Note an error, and return the stream, which may have been given up.

        Raises:
            LeaseLostError: the stream was taken away.
        """
        failure = Failure(type(error).__name__, str(error) or repr(error), utc_now(), retry_at)
        with session_scope(open_engine()) as session:
            return record_stream_failure(session, self.lease, lease_end(session), failure)

    def release(self) -> None:
        """Let go of the stream, if it is still held."""
        with session_scope(open_engine()) as session:
            release_lease(session, self.lease)

    def _heed(self, view: LeaseView) -> None:
        if self._loaded is not None and self._loaded.stream.updated_at != view.updated_at:
            self.discard()

    def _load(self) -> Loaded:
        with session_scope(open_engine(), writes=False) as session:
            stream = get_stream(session, self.lease.stream_id)
            source = stream.source_id and get_source_by_id(session, stream.source_id)
            checkpoint = find_checkpoint(session, stream.id)
            statistics = list_stream_statistics(session, stream.id)
        if checkpoint is None:
            return Loaded(stream, source or None, None, None)
        knowledge = restore(stream, checkpoint, statistics)
        return Loaded(stream, source or None, knowledge, checkpoint.cursor)


def _silence(knowledge: Knowledge) -> AlertRow | None:
    """Return the alert of a stream that is silent: of the row that has not come."""
    if not knowledge.arrivals.silent:
        return None
    rows = knowledge.monitor.rows_seen
    return AlertRow(
        kind=AlertKind.SILENCE,
        first_row=rows,
        sequence=rows,
        row_key=None,
        timestamp=None,
        score=None,
        threshold=None,
        values={},
        columns={},
        incident=None,
    )
