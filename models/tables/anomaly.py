"""The labelled rows of a detection."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import Field, Index

from models.base import Table
from models.types import Json, Real, Text, Whole


@dataclass(frozen=True)
class AnomalyRow:
    """A labelled row before it is stored; see ``Anomaly`` for the fields."""

    row_index: int
    row_key: str | None
    score: float
    rank: int
    p_value: float | None
    values: dict[str, Any]
    standouts: dict[str, float]
    label: bool | None = None


class Anomaly(Table, table=True):
    """A row whose score is above the threshold.

    Attributes:
        row_index: the row's position in its source, from 0.
        row_key: the row's identity in its source; null if the source names no key columns.
        rank: 1 for the strongest.
        p_value: the share of clean rows that score as high; null if the threshold gives none.
        values: the row's values by column.
        standouts: robust z-scores of the features in which the row is itself extreme.
        label: whether the source's label column calls it an anomaly; null without one.
    """

    __table_args__ = (Index(None, "detection_id", "rank"),)

    detection_id: UUID = Field(primary_key=True, foreign_key="detection.id", ondelete="CASCADE")
    row_index: int = Field(primary_key=True, sa_type=Whole)
    row_key: str | None = Field(default=None, sa_type=Text)
    score: float = Field(sa_type=Real)
    rank: int = Field(sa_type=Whole)
    p_value: float | None = Field(default=None, sa_type=Real)
    values: dict[str, Any] = Field(sa_type=Json)
    standouts: dict[str, float] = Field(sa_type=Json)
    label: bool | None = None
