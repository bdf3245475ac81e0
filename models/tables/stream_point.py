"""The recent rows of a stream."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Field, Index

from models.base import Table
from models.types import Json, Real, Text, Whole


@dataclass(frozen=True)
class PointRow:
    """A row of a stream before it is stored; see ``StreamPoint`` for the fields."""

    sequence: int
    timestamp: datetime | None
    row_key: str | None
    values: dict[str, Any]
    score: float | None
    flagged: bool


class StreamPoint(Table, table=True):
    """A recent row, with its score.

    Attributes:
        sequence: the row's place in the stream, from 0.
        timestamp: when it happened, by its own account; null if it has none.
        row_key: the row's identity; null if the source names no key columns.
        values: the watched values by column.
        score: null where no watched column had a value.
        flagged: whether the score is above the threshold, past backfill and warm-up.
        stored_at: when it was read.
    """

    __tablename__ = "stream_point"
    __table_args__ = (
        Index(None, "stream_id", "row_key"),
        Index(None, "stored_at"),
        # Few rows are, so that it costs a tick next to nothing.
        Index(
            "ix_stream_point_flagged",
            "stream_id",
            "sequence",
            postgresql_where=text("flagged IS true"),
            sqlite_where=text("flagged IS 1"),
        ),
    )

    stream_id: UUID = Field(primary_key=True, foreign_key="stream.id", ondelete="CASCADE")
    sequence: int = Field(primary_key=True, sa_type=Whole)
    timestamp: datetime | None = None
    row_key: str | None = Field(default=None, sa_type=Text)
    values: dict[str, Any] = Field(sa_type=Json)
    score: float | None = Field(default=None, sa_type=Real)
    flagged: bool
    stored_at: datetime

    @property
    def is_anomaly(self) -> bool | None:
        """Whether the row is an anomaly; None where it was skipped, since it held no value."""
        return None if self.score is None else self.flagged
