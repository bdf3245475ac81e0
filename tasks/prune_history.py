"""Remove what is old, or say what would be removed."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from uuid import UUID

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE
from sqlmodel import Session

from models.queries.pruning import (
    count_expired,
    delete_comparisons,
    delete_detections,
    delete_others,
    mark_comparisons,
    mark_detections,
)
from models.queries.retention import Retention, expired_comparisons, expired_detections
from models.queries.table_sizes import table_sizes
from models.session import session_scope
from reports.prune_report import PrunedTable
from tasks.ages import read_age
from tasks.database import open_engine, repeated, utc_now

# Rows of one transaction: nobody waits for longer than these take.
_ROWS = 5_000
_RUNS = 200


@dataclass(frozen=True)
class PruneRequest:
    """What is to be removed, as people say it; see ``Retention``.

    Attributes:
        older_than: an age, such as ``90d``.
        keep_last: detections of each source and algorithm that stay whatever their age.
        fitted_older_than: an age of fitted detectors; None to keep them with their detections.
        dry_run: whether to count only.
    """

    older_than: str
    keep_last: int
    fitted_older_than: str | None
    dry_run: bool

    def retention(self) -> Retention:
        """Return what that means now."""
        now, early = utc_now(), self.fitted_older_than
        return Retention(
            before=now - read_age(self.older_than),
            keep_last=self.keep_last,
            fitted_before=None if early is None else now - read_age(early),
        )


@task(cache_policy=NO_CACHE)
def prune_history(request: PruneRequest) -> tuple[PrunedTable, ...]:
    """Remove what is old in small transactions, or count it.

    What is removed is removed, whatever interrupts it; the next time goes on from there.

    Returns:
        Rows and bytes of each table that lost any.
    """
    retention = request.retention()
    with session_scope(open_engine(), writes=False) as session:
        sizes = {size.name: size for size in table_sizes(session)}
    rows = count_history(retention) if request.dry_run else _remove(retention)
    return tuple(
        PrunedTable(name, rows[name], round(rows[name] * size.row_bytes))
        for name, size in sizes.items()
        if rows[name]
    )


def count_history(retention: Retention) -> Counter[str]:
    """Return how many rows pruning would remove, by table."""
    with session_scope(open_engine(), writes=False) as session:
        return count_expired(session, retention)


def _remove(retention: Retention) -> Counter[str]:
    removed: Counter[str] = Counter()
    with session_scope(open_engine(), writes=False) as session:
        comparisons = list(session.exec(expired_comparisons(retention)))
        detections = list(session.exec(expired_detections(retention)))
    for some in _parts(comparisons):
        marked, of_marked = repeated(partial(mark_comparisons, ids=some))
        _drain(removed, partial(delete_detections, ids=of_marked, limit=_ROWS))
        _drain(removed, partial(delete_comparisons, ids=marked, limit=_ROWS))
    for some in _parts(detections):
        alone = repeated(partial(mark_detections, ids=some))
        _drain(removed, partial(delete_detections, ids=alone, limit=_ROWS))
        get_run_logger().info("%s rows removed", f"{removed.total():,}")
    _drain(removed, partial(delete_others, retention=retention, limit=_ROWS))
    return removed


def _drain(removed: Counter[str], step: Callable[[Session], Counter[str]]) -> None:
    """Repeat a step until it finds nothing more, each time in a transaction of its own."""
    while found := repeated(step):
        removed.update(found)


def _parts(ids: Sequence[UUID]) -> Iterator[list[UUID]]:
    rest = iter(ids)
    while some := list(islice(rest, _RUNS)):
        yield some
