"""How many rows and bytes each table has, told at once however many these are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    LargeBinary,
    Table,
    cast,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col

from models.metadata import TABLES, metadata
from models.tables.alert import Alert
from models.tables.batch import Batch
from models.tables.checkpoint import Checkpoint
from models.tables.comparison import Comparison
from models.tables.detection import Detection
from models.tables.heartbeat import Heartbeat
from models.tables.source import Source
from models.tables.stream import Stream
from models.tables.stream_point import StreamPoint
from models.types import Real, Whole

# A table of more rows is not counted.
_COUNTED = 100_000
_SAMPLE = 1_000
_NUMBER_BYTES = 8
_ENTRY_BYTES = 6  # what SQLite adds to a row, and to each of its places in an index

# What dates a table: an index knows its ends. Others are as old as what they belong to.
_TIMES: dict[str, Mapped[datetime]] = {
    "source": col(Source.created_at),
    "batch": col(Batch.created_at),
    "comparison": col(Comparison.created_at),
    "agreement_record": col(Comparison.created_at),
    "stream": col(Stream.created_at),
    "stream_statistic": col(Stream.created_at),
    "checkpoint": col(Checkpoint.updated_at),
    "stream_point": col(StreamPoint.stored_at),
    "alert": col(Alert.created_at),
    "heartbeat": col(Heartbeat.started_at),
}
_OF_DETECTIONS = col(Detection.created_at)


@dataclass(frozen=True)
class TableSize:
    """How large a table is.

    Attributes:
        name: of the table.
        rows: how many there are.
        exact: whether they were counted; of a large table the catalogue's estimate is taken.
        bytes: with its indexes; on SQLite an estimate from its latest rows.
        oldest: time of its oldest row, or of the oldest run or stream it belongs to; None if empty.
        newest: likewise.
    """

    name: str
    rows: int
    exact: bool
    bytes: int
    oldest: datetime | None
    newest: datetime | None

    @property
    def row_bytes(self) -> float:
        """Mean bytes of a row."""
        return self.bytes / max(self.rows, 1)


def table_sizes(session: Session) -> list[TableSize]:
    """Return the size of every table."""
    return [_size(session, metadata.tables[str(table.__tablename__)]) for table in TABLES]


def _size(session: Session, table: Table) -> TableSize:
    on_postgres = session.get_bind().dialect.name == "postgresql"
    rows, known_bytes = _in_catalogue(session, table) if on_postgres else _by_rowid(session, table)
    exact = rows <= _COUNTED
    if exact:
        rows = session.execute(select(func.count()).select_from(table)).scalar_one()
    time = _TIMES.get(table.name, _OF_DETECTIONS)
    return TableSize(
        name=table.name,
        rows=rows,
        exact=exact,
        bytes=round(rows * _row_bytes(session, table)) if known_bytes is None else known_bytes,
        # Apart: together they would be looked for in the whole table.
        oldest=session.execute(select(func.min(time))).scalar_one() if rows else None,
        newest=session.execute(select(func.max(time))).scalar_one() if rows else None,
    )


def _in_catalogue(session: Session, table: Table) -> tuple[int, int | None]:
    """Return PostgreSQL's estimate of the rows, as of its last analysis, and the bytes."""
    statement = text(
        "SELECT reltuples, pg_total_relation_size(oid) FROM pg_class "
        "WHERE oid = CAST(:table AS regclass)"
    )
    rows, size = session.execute(statement, {"table": table.name}).one()
    return int(rows), size


def _by_rowid(session: Session, table: Table) -> tuple[int, int | None]:
    """Return the most rows a table of SQLite can have: those removed in between are counted."""
    rowid: ColumnElement[int] = literal_column("rowid")
    first, last = (
        session.execute(select(function(rowid)).select_from(table)).scalar_one()
        for function in (func.min, func.max)
    )
    return (0 if last is None else last - first + 1), None


def _row_bytes(session: Session, table: Table) -> float:
    """Return the mean bytes of the latest rows: each value as often as it is stored."""
    indexed = [*table.primary_key.columns]
    for index in table.indexes:
        indexed += index.columns
    width: ColumnElement[int] = literal_column(str(_ENTRY_BYTES * (2 + len(table.indexes))))
    for column in table.columns:
        width = width + _column_bytes(column) * (1 + indexed.count(column))
    latest = select(width.label("bytes")).order_by(text("rowid DESC")).limit(_SAMPLE).subquery()
    return session.execute(select(func.avg(latest.c.bytes))).scalar_one() or 0.0


def _column_bytes(column: Column[Any]) -> ColumnElement[int]:
    if isinstance(column.type, Boolean | Real | Whole):
        return literal_column(str(_NUMBER_BYTES))
    if isinstance(column.type, LargeBinary):
        return func.coalesce(func.length(column), 0)  # told without reading it
    return func.coalesce(func.length(cast(column, LargeBinary)), 0)
