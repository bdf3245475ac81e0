"""Choosing sources by name and by tag."""

from collections.abc import Sequence

from sqlmodel import Session

from models.errors import EmptySelectionError
from models.queries.sources import get_sources, list_source_names

_SHOWN = 20


def select_sources(
    session: Session, names: Sequence[str] | None, tags: Sequence[str] | None
) -> list[str]:
    """Return the sources named and those with one of the tags, each once.

    All sources when neither names nor tags are given.

    Raises:
        UnknownSourceError: no source has one of these names.
        EmptySelectionError: nothing is selected.
    """
    registered = list_source_names(session)
    if names is None and tags is None:
        selected = registered
    else:
        named = [source.name for source in get_sources(session, names or ())]
        tagged = [name for tag in tags or () for name in list_source_names(session, tag=tag)]
        selected = list(dict.fromkeys([*named, *tagged]))
    if not selected:
        raise EmptySelectionError(_nothing_selected(tags, registered))
    return selected


def _nothing_selected(tags: Sequence[str] | None, registered: list[str]) -> str:
    if not registered:
        return "no source is registered: `vigil sources apply sources.yaml` registers some"
    wanted = f"no source has the tag {' or '.join(tags)}" if tags else "no source is selected"
    shown = ", ".join(registered[:_SHOWN])
    more = f" and {len(registered) - _SHOWN} more" if len(registered) > _SHOWN else ""
    return f"{wanted}; registered are {shown}{more}"
