"""Bring the database to what a file declares, in one transaction of the caller."""

from dataclasses import dataclass

from sqlmodel import Session

from cli.declared_file import DeclaredFile
from cli.registration import stored_definition
from cli.shapes import AppliedNamesShape, AppliedShape
from cli.stream_definition import StreamDefinition, find_source_id
from models.errors import UnknownSourceError
from models.queries.alerts import count_alerts
from models.queries.sources import (
    Change,
    SourceDependants,
    count_dependants,
    delete_source,
    get_source,
    list_source_names,
    save_source,
)
from models.queries.streams import delete_stream, get_stream, list_stream_names, save_stream
from sources.errors import SourceError
from tasks.database import utc_now


@dataclass(frozen=True)
class Pruned:
    """What pruning would remove.

    Attributes:
        names: of sources, and of streams.
        dependants: what goes with these; streams count themselves.
    """

    names: list[str]
    dependants: SourceDependants


def count_pruned(session: Session, declared: DeclaredFile) -> Pruned:
    """Return the sources and streams that the file speaks of and does not list."""
    sources = [get_source(session, name) for name in _unlisted_sources(session, declared)]
    streams = [get_stream(session, name) for name in _unlisted_streams(session, declared)]
    each = [count_dependants(session, source.id) for source in sources]
    gone = {source.id for source in sources}  # whose streams are among the dependants
    others = [stream.id for stream in streams if stream.source_id not in gone]
    alerts = sum(states.total() for states in count_alerts(session, others, utc_now()).values())
    return Pruned(
        [*(source.name for source in sources), *(stream.name for stream in streams)],
        SourceDependants(
            detections=sum(dependants.detections for dependants in each),
            anomalies=sum(dependants.anomalies for dependants in each),
            streams=sum(dependants.streams for dependants in each) + len(others),
            alerts=sum(dependants.alerts for dependants in each) + alerts,
        ),
    )


def apply_declared(
    session: Session, declared: DeclaredFile, *, prune: bool, dry_run: bool
) -> AppliedShape:
    """Save what the file declares, and say what that did.

    Args:
        session: its transaction is to be undone if this raises, or for a dry run.
        declared: the file.
        prune: delete the sources and streams that the file speaks of and does not list.
        dry_run: to be said in the result.

    Raises:
        SourceError: the source of a stream is not registered, or cannot be polled.
        StreamStatusError: a stream has learnt already, and its detector or columns are changed.
    """
    before = list_stream_names(session)
    saved = _Saved()
    for source in declared.sources or ():
        saved.note(save_source(session, stored_definition(source), utc_now()).change, source.name)
    unlisted = _unlisted_sources(session, declared)
    unlisted_streams = _unlisted_streams(session, declared)
    if prune:
        for name in unlisted_streams:
            delete_stream(session, get_stream(session, name).id)
        for name in unlisted:
            delete_source(session, name)
    saved_streams = _Saved()
    for stream in declared.streams or ():
        saved_streams.note(_save_stream(session, stream), stream.name)
    left = set(list_stream_names(session))
    lost = [name for name in before if name not in left]
    return AppliedShape(
        dry_run=dry_run,
        **saved.names(removed=unlisted if prune else [], unlisted=[] if prune else unlisted),
        streams=AppliedNamesShape(
            **saved_streams.names(removed=lost, unlisted=[] if prune else unlisted_streams)
        ),
    )


class _Saved:
    def __init__(self) -> None:
        self._names: dict[Change, list[str]] = {change: [] for change in Change}

    def note(self, change: Change, name: str) -> None:
        self._names[change].append(name)

    def names(self, *, removed: list[str], unlisted: list[str]) -> dict[str, list[str]]:
        by_change = {change.value: names for change, names in self._names.items()}
        return {**by_change, "removed": removed, "unlisted": unlisted}


def _save_stream(session: Session, definition: StreamDefinition) -> Change:
    try:
        source_id = find_source_id(session, definition)
    except (UnknownSourceError, SourceError) as error:
        raise SourceError(f"stream {definition.name}: {error}") from None
    return save_stream(session, definition.stored(source_id), utc_now()).change


def _unlisted_sources(session: Session, declared: DeclaredFile) -> list[str]:
    if declared.sources is None:
        return []
    listed = {source.name for source in declared.sources}
    return [name for name in list_source_names(session) if name not in listed]


def _unlisted_streams(session: Session, declared: DeclaredFile) -> list[str]:
    if declared.streams is None:
        return []
    listed = {stream.name for stream in declared.streams}
    return [name for name in list_stream_names(session) if name not in listed]
