"""Choose the sources of a batch."""

from collections.abc import Sequence

from prefect import task
from prefect.cache_policies import NO_CACHE

from models.queries.selection import select_sources as select
from models.session import session_scope
from tasks.database import open_engine


@task(cache_policy=NO_CACHE)
def select_sources(names: Sequence[str] | None, tags: Sequence[str] | None) -> list[str]:
    """Return the sources named and those with one of the tags, each once.

    All sources when neither names nor tags are given.

    Raises:
        UnknownSourceError: no source has one of these names.
        EmptySelectionError: nothing is selected.
    """
    with session_scope(open_engine(), writes=False) as session:
        return select(session, names, tags)
