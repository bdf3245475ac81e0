"""Lists in pages, with their true totals."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, SQLColumnExpression, func, tuple_
from sqlmodel import Session, select

from models.base import Table

T = TypeVar("T")
TableT = TypeVar("TableT", bound=Table)


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


def fetch_page(
    session: Session,
    table: type[TableT],
    conditions: Sequence[ColumnElement[bool]],
    order: Sequence[SQLColumnExpression[Any]],
    offset: int,
    limit: int,
    *,
    total: int | None = None,
) -> Page[TableT]:
    """Return one page of the rows of ``table`` that meet all conditions.

    Rows before the page are passed over by their keys, which an index holds, and not read.

    Args:
        session: where to look.
        table: the table.
        conditions: on its columns.
        order: of its rows, the same each time.
        offset: rows before these.
        limit: the most rows wanted.
        total: how many rows meet the conditions, where that is known; they are counted otherwise.

    Raises:
        ValueError: a negative offset or a limit below 1.
    """
    check_page(offset, limit)
    if total is None:
        total = count_rows(session, table, conditions)
    key = Table.metadata.tables[str(table.__tablename__)].primary_key.columns
    wanted = select(*key).where(*conditions).order_by(*order).offset(offset).limit(limit)
    statement = select(table).where(tuple_(*key).in_(wanted.correlate(None))).order_by(*order)
    items = list(session.exec(statement).all())
    return Page(items=items, total=total, offset=offset, limit=limit)


def count_rows(
    session: Session, table: type[Table], conditions: Sequence[ColumnElement[bool]]
) -> int:
    """Return how many rows of ``table`` meet all conditions."""
    counting = select(func.count()).select_from(table).where(*conditions)
    return session.exec(counting).one()


def check_page(offset: int, limit: int) -> None:
    """Refuse a page that cannot be.

    Raises:
        ValueError: a negative offset or a limit below 1.
    """
    if offset < 0 or limit < 1:
        raise ValueError(f"expected offset >= 0 and limit >= 1, got {offset} and {limit}")
