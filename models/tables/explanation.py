"""Why rows of a detection have their scores."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Field
from typing_extensions import TypedDict

from models.base import Table
from models.types import Json, Real, Text, Whole


class FeatureContribution(TypedDict):
    """What one feature adds to the explained quantity of a row.

    ``value`` is what the source holds, ``encoded`` the number the detector sees in its place, and
    ``typical_low`` to ``typical_high`` where 5 to 95 % of the background are, in the same units.
    ``direction`` is that of the value.
    """

    feature: str
    value: float | str | bool | None
    encoded: float
    typical_low: float
    typical_high: float
    direction: str
    contribution: float


@dataclass(frozen=True)
class ExplanationRow:
    """An explanation before it is stored; see ``Explanation`` for the fields."""

    row_index: int
    row_key: str | None
    is_anomaly: bool
    score: float
    percentile: float
    quantity: str
    method: str
    base: float
    explained: float
    residual: float
    seed: int
    background_size: int
    refitted: bool
    contributions: list[FeatureContribution]
    sentence: str


class Explanation(Table, table=True):
    """Why one row of a detection has its score, one at most a row.

    Attributes:
        row_index: the row's position in its source, from 0.
        row_key: the row's identity in its source; null if the source names no key columns.
        is_anomaly: whether the detection labelled the row.
        score: the row's decision score in the detection.
        percentile: percentage of the rows the detector was fitted on that score no higher.
        quantity: what is explained: the score, or what ranks as it does.
        method: how the contributions were found.
        base: mean of the quantity over the background.
        explained: the quantity of the row, taken as one that the detector has not seen.
        residual: what base and contributions leave of it.
        seed: of what was sampled.
        background_size: rows whose mean the contributions start from.
        refitted: whether the detector was not stored any more, or never, and was fitted again.
        contributions: of every feature, in the detection's order.
        sentence: says why, for people.
    """

    detection_id: UUID = Field(primary_key=True, foreign_key="detection.id", ondelete="CASCADE")
    row_index: int = Field(primary_key=True, sa_type=Whole)
    row_key: str | None = Field(default=None, sa_type=Text)
    is_anomaly: bool
    score: float = Field(sa_type=Real)
    percentile: float = Field(sa_type=Real)
    quantity: str = Field(max_length=40)
    method: str = Field(max_length=40)
    base: float = Field(sa_type=Real)
    explained: float = Field(sa_type=Real)
    residual: float = Field(sa_type=Real)
    seed: int = Field(sa_type=Whole)
    background_size: int = Field(sa_type=Whole)
    refitted: bool
    contributions: list[FeatureContribution] = Field(sa_type=Json)
    sentence: str = Field(sa_type=Text)
    created_at: datetime
