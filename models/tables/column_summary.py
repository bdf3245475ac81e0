"""What a detection saw in each column."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Field

from models.base import Table
from models.types import Real, Text, Whole


@dataclass(frozen=True)
class ColumnStatistics:
    """A column's summary before it is stored; see ``ColumnSummary`` for the fields."""

    column: str
    dtype: str
    missing: int
    mean: float | None
    std: float | None
    min: float | None
    median: float | None
    max: float | None
    extreme_anomalies: int


class ColumnSummary(Table, table=True):
    """One column of one detection; statistics are over its values that are not missing.

    Attributes:
        position: the column's place among the detection's columns, from 0.
        missing: rows without a value.
        extreme_anomalies: anomalies whose value in this column is itself extreme.
    """

    __tablename__ = "column_summary"

    detection_id: UUID = Field(primary_key=True, foreign_key="detection.id", ondelete="CASCADE")
    position: int = Field(primary_key=True, sa_type=Whole)
    column: str = Field(sa_type=Text)
    dtype: str = Field(sa_type=Text)
    missing: int = Field(sa_type=Whole)
    mean: float | None = Field(default=None, sa_type=Real)
    std: float | None = Field(default=None, sa_type=Real)
    min: float | None = Field(default=None, sa_type=Real)
    median: float | None = Field(default=None, sa_type=Real)
    max: float | None = Field(default=None, sa_type=Real)
    extreme_anomalies: int = Field(sa_type=Whole)
