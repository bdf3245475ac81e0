"""Reading and changing the registry of sources."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from enum import StrEnum
from uuid import UUID

from sqlalchemy import delete, func
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from models.errors import SourceExistsError, UnknownSourceError
from models.paging import Page, fetch_page
from models.queries.tags import has_tag
from models.tables.alert import Alert
from models.tables.detection import Detection
from models.tables.source import Source, SourceDefinition
from models.tables.stream import Stream


class Change(StrEnum):
    """What saving a definition did."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class SavedSource:
    """A source as it is now, and how it came to be so."""

    source: Source
    change: Change


@dataclass(frozen=True)
class SourceDependants:
    """What goes when a source is deleted."""

    detections: int
    anomalies: int
    streams: int = 0
    alerts: int = 0


def add_source(session: Session, definition: SourceDefinition, now: datetime) -> Source:
    """Register a new source.

    Raises:
        SourceExistsError: the name is taken.
    """
    source = Source(**vars(definition), created_at=now, updated_at=now)
    try:
        with session.begin_nested():
            session.add(source)
    except IntegrityError:
        raise SourceExistsError(
            f"a source named {definition.name!r} is registered already: choose another name, "
            "or change that one with `vigil sources apply`"
        ) from None
    return source


def save_source(session: Session, definition: SourceDefinition, now: datetime) -> SavedSource:
    """Register a source, or bring the one of this name to ``definition``."""
    source = _find_source(session, definition.name)
    if source is None:
        return SavedSource(add_source(session, definition, now), Change.CREATED)
    wanted = vars(definition)
    if wanted == {name: getattr(source, name) for name in wanted}:
        return SavedSource(source, Change.UNCHANGED)
    source.sqlmodel_update(wanted | {"updated_at": now})
    session.flush()
    return SavedSource(source, Change.CHANGED)


def get_source(session: Session, name: str) -> Source:
    """Return the source of this name.

    Raises:
        UnknownSourceError: there is none; the message offers similar names.
    """
    return get_sources(session, [name])[0]


def get_sources(session: Session, names: Sequence[str]) -> list[Source]:
    """Return the sources of these names in their order, in one query.

    Raises:
        UnknownSourceError: there is none of one of them; the message offers similar names.
    """
    found = session.exec(select(Source).where(col(Source.name).in_(names))).all()
    by_name = {source.name: source for source in found}
    for name in names:
        if name not in by_name:
            raise _unknown_name(session, name)
    return [by_name[name] for name in names]


def get_source_by_id(session: Session, source_id: UUID) -> Source:
    """Return the source of this id.

    Raises:
        UnknownSourceError: there is none.
    """
    source = session.get(Source, source_id)
    if source is None:
        raise _unknown_id(source_id)
    return source


def get_source_names(session: Session, source_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the name of each source by its id, in one query.

    Raises:
        UnknownSourceError: one of them is not registered.
    """
    statement = select(Source.id, Source.name).where(col(Source.id).in_(source_ids))
    names = dict(session.exec(statement).all())
    for source_id in source_ids:
        if source_id not in names:
            raise _unknown_id(source_id)
    return names


def list_sources(
    session: Session, *, tag: str | None = None, offset: int = 0, limit: int = 100
) -> Page[Source]:
    """Return sources by name, only those with ``tag`` if one is given."""
    conditions = [] if tag is None else [has_tag(session, col(Source.tags), tag)]
    return fetch_page(session, Source, conditions, [col(Source.name)], offset, limit)


def list_source_names(session: Session, *, tag: str | None = None) -> list[str]:
    """Return every name in order, only of sources with ``tag`` if one is given."""
    statement = select(Source.name).order_by(col(Source.name))
    if tag is not None:
        statement = statement.where(has_tag(session, col(Source.tags), tag))
    return list(session.exec(statement).all())


def count_dependants(session: Session, source_id: UUID) -> SourceDependants:
    """Count what deleting the source would delete with it."""
    found = select(func.count(), func.sum(Detection.anomaly_count)).where(
        Detection.source_id == source_id
    )
    streams = select(func.count()).where(Stream.source_id == source_id)
    alerts = (
        select(func.count())
        .select_from(Alert)
        .join(Stream, col(Stream.id) == col(Alert.stream_id))
        .where(Stream.source_id == source_id)
    )
    detections, anomalies = session.exec(found).one()
    counts = (session.exec(each).one() for each in (streams, alerts))
    return SourceDependants(detections, int(anomalies or 0), *counts)


def delete_source(session: Session, name: str) -> None:
    """Delete the source of this name with its detections, its streams and all that is theirs.

    Raises:
        UnknownSourceError: there is none.
    """
    source = get_source(session, name)
    session.execute(delete(Source).where(col(Source.id) == source.id))
    session.expunge(source)


def _find_source(session: Session, name: str) -> Source | None:
    return session.exec(select(Source).where(Source.name == name)).one_or_none()


def _unknown_name(session: Session, name: str) -> UnknownSourceError:
    similar = get_close_matches(name, session.exec(select(Source.name)).all())
    hint = f"did you mean {' or '.join(map(repr, similar))}? " if similar else ""
    return UnknownSourceError(
        f"no source is named {name!r}: {hint}`vigil sources list` shows those there are"
    )


def _unknown_id(source_id: UUID) -> UnknownSourceError:
    return UnknownSourceError(f"no source has the id {source_id}: it may have been removed")
