"""Several detectors over one source."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Field, Index
from typing_extensions import TypedDict

from models.tables.run import Run, RunRequest
from models.types import Json, Whole


class PairOverlap(TypedDict):
    """Two detectors beside each other, by their labels; see ``Comparison.pairs``.

    ``both`` and ``either`` are numbers of rows, ``spearman`` is of the scores of all rows. There is
    no ``jaccard`` where neither flags a row.
    """

    first: str
    second: str
    both: int
    either: int
    jaccard: float | None
    spearman: float


class LevelGrade(TypedDict):
    """How right the rows of one level of agreement are, where the truth is known.

    ``graded`` rows have a known label, ``found`` of them are anomalies; ``precision`` is found
    per graded row and ``recall`` found per known anomaly, null where there is none.
    """

    graded: int
    found: int
    precision: float | None
    recall: float | None


@dataclass(frozen=True, kw_only=True)
class ComparisonRequest(RunRequest):
    """What is known of a comparison before work starts; see ``Comparison`` for the fields."""

    source_id: UUID


class Comparison(Run, table=True):
    """Several detectors over one source, a detection each, and where they agree.

    Attributes:
        source_name: the source's name at the time.
        labels: the detectors as they are called here, in the order asked for.
        total_rows: rows read from the source.
        scored_rows: those of them that were scored.
        features: the names of the features that were used, in their order.
        left_out: why each column that was not used was not.
        fingerprint: hash of the data that were read.
        succeeded: detectors that succeeded; agreement is over these.
        flagged_rows: distinct rows that at least one of them flags.
        flagged_by_all: those of them that all flag; the four levels sum to ``flagged_rows``.
        flagged_by_majority: more than half, not all.
        flagged_by_some: at least two, not more than half.
        flagged_by_one: one alone.
        pairs: each two detectors that succeeded, once.
        level_grades: by level of agreement, where the truth is known; null without labels.
    """

    __table_args__ = (
        Index(None, "created_at", "id"),
        Index(None, "source_id", "created_at", "id"),
        Index(None, "status", "created_at", "id"),
    )

    source_id: UUID = Field(foreign_key="source.id", ondelete="CASCADE")
    source_name: str = Field(max_length=200)
    labels: list[str] = Field(sa_type=Json)

    total_rows: int | None = Field(default=None, sa_type=Whole)
    scored_rows: int | None = Field(default=None, sa_type=Whole)
    features: list[str] | None = Field(default=None, sa_type=Json)
    left_out: dict[str, str] | None = Field(default=None, sa_type=Json)
    fingerprint: str | None = Field(default=None, max_length=128)

    succeeded: int | None = Field(default=None, sa_type=Whole)
    flagged_rows: int | None = Field(default=None, sa_type=Whole)
    flagged_by_all: int | None = Field(default=None, sa_type=Whole)
    flagged_by_majority: int | None = Field(default=None, sa_type=Whole)
    flagged_by_some: int | None = Field(default=None, sa_type=Whole)
    flagged_by_one: int | None = Field(default=None, sa_type=Whole)
    pairs: list[PairOverlap] | None = Field(default=None, sa_type=Json)
    level_grades: dict[str, LevelGrade] | None = Field(default=None, sa_type=Json)

    @property
    def total_detectors(self) -> int:
        """How many detectors were asked for."""
        return len(self.labels)
