"""The rows that the detectors of a comparison flag."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import Field, Index

from models.agreement_level import AgreementLevel, AgreementLevelType
from models.base import Table
from models.types import Json, Real, Text, Whole


@dataclass(frozen=True)
class AgreementRow:
    """A flagged row before it is stored; see ``AgreementRecord`` for the fields."""

    row_index: int
    row_key: str | None
    rank: int
    detectors: list[str]
    level: AgreementLevel
    confidence: float
    mean_rank: float
    values: dict[str, Any]
    label: bool | None = None


class AgreementRecord(Table, table=True):
    """A row that at least one detector of a comparison flags.

    Attributes:
        row_index: the row's position in its source, from 0.
        row_key: the row's identity in its source; null if the source names no key columns.
        rank: 1 for the row that is agreed on most.
        detectors: the labels of the detectors that flag it.
        count: how many those are.
        level: how many those are, of all that succeeded.
        confidence: the share of the detectors that succeeded that flag it.
        mean_rank: mean over those detectors of the row's rank by score.
        values: the row's values by column.
        label: whether the source's label column calls it an anomaly; null without one.
    """

    __tablename__ = "agreement_record"
    __table_args__ = (
        Index(None, "comparison_id", "rank"),
        Index(None, "comparison_id", "level", "rank", "count"),
    )

    comparison_id: UUID = Field(primary_key=True, foreign_key="comparison.id", ondelete="CASCADE")
    row_index: int = Field(primary_key=True, sa_type=Whole)
    row_key: str | None = Field(default=None, sa_type=Text)
    rank: int = Field(sa_type=Whole)
    detectors: list[str] = Field(sa_type=Json)
    count: int = Field(sa_type=Whole)
    level: AgreementLevel = Field(sa_type=AgreementLevelType)
    confidence: float = Field(sa_type=Real)
    mean_rank: float = Field(sa_type=Real)
    values: dict[str, Any] = Field(sa_type=Json)
    label: bool | None = None
