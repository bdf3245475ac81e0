"""Choose the sources of a batch."""

from collections.abc import Sequence

from prefect import task
from prefect.cache_policies import NO_CACHE

from models.queries.sources import get_source, list_source_names
from models.session import session_scope
from tasks.database import open_engine

_SHOWN = 20


class EmptySelectionError(ValueError):
    """No source is selected; the message lists those there are."""


@task(cache_policy=NO_CACHE)
def select_sources(names: Sequence[str] | None, tags: Sequence[str] | None) -> list[str]:
    """Return the sources named and those with one of the tags, each once.

    All sources when neither names nor tags are given.

    Raises:
        UnknownSourceError: no source has one of these names.
        EmptySelectionError: nothing is selected.
    """
    with session_scope(open_engine(), writes=False) as session:
        registered = list_source_names(session)
        if names is None and tags is None:
            selected = registered
        else:
            named = [get_source(session, name).name for name in names or ()]
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
