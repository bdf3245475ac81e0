"""Lists in pages, with their true totals."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import func
from sqlmodel import Session
from sqlmodel.sql.expression import SelectOfScalar

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some items of a longer list.

    Attributes:
        items: those from ``offset`` on, at most ``limit``.
        total: how many there are in all.
        offset: items before these.
        limit: the most items asked for.
    """

    items: list[T]
    total: int
    offset: int
    limit: int


def fetch_page(session: Session, statement: SelectOfScalar[T], offset: int, limit: int) -> Page[T]:
    """Run an ordered ``statement`` for one page.

    Raises:
        ValueError: a negative offset or a limit below 1.
    """
    if offset < 0 or limit < 1:
        raise ValueError(f"expected offset >= 0 and limit >= 1, got {offset} and {limit}")
    counting = statement.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
    total = session.execute(counting).scalar_one()
    items = list(session.exec(statement.offset(offset).limit(limit)).all())
    return Page(items=items, total=total, offset=offset, limit=limit)
