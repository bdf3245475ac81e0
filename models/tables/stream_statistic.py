"""What the columns of a stream have held so far."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Field

from models.base import Table
from models.types import Real, Text, Whole


@dataclass(frozen=True)
class ColumnRecord:
    """A column's statistics before they are stored; see ``StreamStatistic`` for the fields."""

    column: str
    count: int
    missing: int
    mean: float
    m2: float
    minimum: float | None
    maximum: float | None
    anomaly_count: int
    empty_rows: int
    same_rows: int


class StreamStatistic(Table, table=True):
    """One watched column, over all rows so far.

    Attributes:
        position: the column's place among those watched, from 0.
        count: finite values.
        missing: rows without one.
        m2: sum of squared differences from the mean (Welford 1962).
        anomaly_count: anomalies in which this column's own score was above the threshold.
        empty_rows: rows without a value up to now, in a row.
        same_rows: values up to now, in a row, that are the same.
    """

    __tablename__ = "stream_statistic"

    stream_id: UUID = Field(primary_key=True, foreign_key="stream.id", ondelete="CASCADE")
    position: int = Field(primary_key=True, sa_type=Whole)
    column: str = Field(sa_type=Text)
    count: int = Field(sa_type=Whole)
    missing: int = Field(sa_type=Whole)
    mean: float = Field(sa_type=Real)
    m2: float = Field(sa_type=Real)
    minimum: float | None = Field(default=None, sa_type=Real)
    maximum: float | None = Field(default=None, sa_type=Real)
    anomaly_count: int = Field(sa_type=Whole)
    empty_rows: int = Field(default=0, sa_type=Whole)
    same_rows: int = Field(default=0, sa_type=Whole)

    @property
    def std(self) -> float | None:
        """Standard deviation of the values so far; None before the second."""
        return None if self.count < 2 else (self.m2 / (self.count - 1)) ** 0.5
