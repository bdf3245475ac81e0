"""Creating, finding, changing and deleting streams."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from models.errors import (
    EmptySelectionError,
    StreamExistsError,
    StreamStatusError,
    UnknownStreamError,
)
from models.paging import Page, fetch_page
from models.queries.kinds import STREAM
from models.queries.records import delete_record, find_record
from models.queries.sources import Change, get_source_by_id
from models.queries.tags import has_tag
from models.stream_status import StreamStatus
from models.tables.checkpoint import Checkpoint
from models.tables.stream import Stream, StreamDefinition

# What a detector has learnt holds for these only.
_LEARNT_WITH = ("source_id", "algorithm", "detector", "columns", "time_column", "seed")


@dataclass(frozen=True)
class SavedStream:
    """A stream as it is now, and how it came to be so."""

    stream: Stream
    change: Change


def create_stream(session: Session, definition: StreamDefinition, now: datetime) -> Stream:
    """Store a new stream; the next run of the flow ``stream`` takes it.

    Raises:
        StreamExistsError: the name is taken.
        UnknownSourceError: its source is not registered.
    """
    if definition.source_id is not None:
        get_source_by_id(session, definition.source_id)
    stream = Stream(**vars(definition), created_at=now, updated_at=now)
    try:
        with session.begin_nested():
            session.add(stream)
    except IntegrityError:
        raise StreamExistsError(
            f"a stream named {definition.name!r} exists already: choose another name, or delete "
            f"that one with `vigil streams delete {definition.name}`"
        ) from None
    return stream


def save_stream(session: Session, definition: StreamDefinition, now: datetime) -> SavedStream:
    """Store a stream, or bring the one of this name to ``definition``.

    Whoever works on it goes by the new one from the next tick on.

    Raises:
        StreamStatusError: it has learnt from other columns, or with another detector; the message
            says how to start anew.
        UnknownSourceError: its source is not registered.
    """
    stream = find_stream(session, definition.name)
    if stream is None:
        return SavedStream(create_stream(session, definition, now), Change.CREATED)
    wanted = vars(definition)
    changed = {name: value for name, value in wanted.items() if getattr(stream, name) != value}
    if not changed:
        return SavedStream(stream, Change.UNCHANGED)
    unlearnable = [name for name in _LEARNT_WITH if name in changed]
    if unlearnable and session.get(Checkpoint, stream.id) is not None:
        raise StreamStatusError(
            f"stream {stream.name} has learnt already, and {', '.join(unlearnable)} cannot change "
            f"then: `vigil streams reset {stream.name}` forgets what it learnt; apply it after that"
        )
    stream.sqlmodel_update(changed | {"updated_at": now})
    session.flush()
    return SavedStream(stream, Change.CHANGED)


def get_stream(session: Session, name_or_id: UUID | str) -> Stream:
    """Return a stream by its name, its id, or the first digits of that if they fit no other.

    Raises:
        UnknownStreamError: none fits; the message offers similar names.
        AmbiguousIdError: several fit.
    """
    stream = find_stream(session, str(name_or_id))
    if stream is not None:
        return stream
    try:
        return find_record(session, STREAM, name_or_id)
    except UnknownStreamError:
        raise _unknown_name(session, str(name_or_id)) from None


def lock_stream(session: Session, stream_id: UUID, *expected: StreamStatus) -> Stream:
    """Return a stream, locked until the end of the transaction.

    Raises:
        UnknownStreamError: there is none of this id.
        StreamStatusError: its status is not among ``expected``; any is if none is given.
    """
    stream = session.get(Stream, stream_id, with_for_update=True, populate_existing=True)
    if stream is None:
        raise UnknownStreamError(f"no stream has the id {stream_id}: it was deleted meanwhile")
    if expected and stream.status not in expected:
        raise StreamStatusError(
            f"stream {stream.name} is {stream.status}, expected {' or '.join(expected)}: "
            f"`vigil streams show {stream.name}` says what became of it"
        )
    return stream


def list_streams(
    session: Session,
    *,
    status: StreamStatus | None = None,
    tag: str | None = None,
    offset: int = 0,
    limit: int = 100,
) -> Page[Stream]:
    """Return streams by name, only those with this status and tag if they are given."""
    conditions: list[ColumnElement[bool]] = []
    if status is not None:
        conditions.append(col(Stream.status) == status)
    if tag is not None:
        conditions.append(has_tag(session, col(Stream.tags), tag))
    return fetch_page(session, Stream, conditions, [col(Stream.name)], offset, limit)


def list_stream_names(session: Session) -> list[str]:
    """Return every name in order."""
    return list(session.exec(select(Stream.name).order_by(col(Stream.name))).all())


def list_stream_ids(session: Session) -> list[UUID]:
    """Return the id of every stream, by name."""
    return list(session.exec(select(Stream.id).order_by(col(Stream.name))).all())


def select_streams(
    session: Session, names: Sequence[str] | None, tags: Sequence[str] | None
) -> list[UUID]:
    """Return the ids of the streams named and of those with one of the tags, each once.

    Raises:
        UnknownStreamError: there is none of one of these names; the message offers similar ones.
        EmptySelectionError: nothing is selected.
    """
    selected = [get_stream(session, name).id for name in names or ()]
    for tag in tags or ():
        tagged = select(Stream.id).where(has_tag(session, col(Stream.tags), tag))
        selected += session.exec(tagged.order_by(col(Stream.name))).all()
    if not selected:
        wanted = f"no stream has the tag {' or '.join(tags)}" if tags else "no stream is named"
        raise EmptySelectionError(f"{wanted}: `vigil streams list` shows those there are")
    return list(dict.fromkeys(selected))


def delete_stream(session: Session, stream_id: UUID) -> None:
    """Delete a stream with all that belongs to it; whoever works on it notices at the next tick.

    Raises:
        UnknownStreamError: there is none of this id.
    """
    delete_record(session, STREAM, stream_id)


def find_stream(session: Session, name: str) -> Stream | None:
    """Return the stream of this name, if there is one."""
    return session.exec(select(Stream).where(Stream.name == name)).one_or_none()


def _unknown_name(session: Session, name: str) -> UnknownStreamError:
    similar = get_close_matches(name, session.exec(select(Stream.name)).all())
    hint = f"did you mean {' or '.join(map(repr, similar))}? " if similar else ""
    return UnknownStreamError(
        f"no stream is named {name!r}: {hint}`vigil streams list` shows those there are"
    )
