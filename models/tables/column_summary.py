"""What each column of a detection's source held."""

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
    watched: bool
    missing: int
    infinite: int
    constant: bool
    mean: float | None
    std: float | None
    minimum: float | None
    median: float | None
    estimated: bool
    maximum: float | None
    spread: float | None
    note: str | None
    extreme_anomalies: int


class ColumnSummary(Table, table=True):
    """One column of one detection; the statistics are over its finite numbers.

    Attributes:
        position: the column's place in the source, from 0.
        watched: whether features were made of it.
        missing: rows without a value.
        infinite: rows with an infinite one.
        constant: whether all values are equal.
        estimated: whether median and spread are those of a sample.
        spread: what one unit of a robust z-score is worth.
        note: what a person should know about the values.
        extreme_anomalies: anomalies whose value in this column is itself extreme.
    """

    __tablename__ = "column_summary"

    detection_id: UUID = Field(primary_key=True, foreign_key="detection.id", ondelete="CASCADE")
    position: int = Field(primary_key=True, sa_type=Whole)
    column: str = Field(sa_type=Text)
    dtype: str = Field(sa_type=Text)
    watched: bool
    missing: int = Field(sa_type=Whole)
    infinite: int = Field(sa_type=Whole)
    constant: bool
    mean: float | None = Field(default=None, sa_type=Real)
    std: float | None = Field(default=None, sa_type=Real)
    minimum: float | None = Field(default=None, sa_type=Real)
    median: float | None = Field(default=None, sa_type=Real)
    estimated: bool = False
    maximum: float | None = Field(default=None, sa_type=Real)
    spread: float | None = Field(default=None, sa_type=Real)
    note: str | None = Field(default=None, sa_type=Text)
    extreme_anomalies: int = Field(sa_type=Whole)
