"""One run of one detector over one source."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import Field, Index
from typing_extensions import TypedDict

from models.tables.run import Run, RunRequest
from models.types import Json, Real, Text, Whole


class Histogram(TypedDict):
    """Counts of values between consecutive edges; one edge more than counts."""

    edges: list[float]
    counts: list[int]


class Adjustment(TypedDict):
    """A parameter that did not fit the rows: what was asked for, what was used, and why."""

    asked: int
    used: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class DetectionRequest(RunRequest):
    """What is known of a detection before work starts; see ``Detection`` for the fields."""

    source_id: UUID
    algorithm: str
    detector: dict[str, Any]
    label: str | None = None


class Detection(Run, table=True):
    """One run of one detector over one source, from ``pending`` to its end.

    Attributes:
        batch_id: the batch it is part of; null for none.
        comparison_id: the comparison it is part of; null for none.
        label: what the comparison calls it, unique there; null outside of one.
        pinned: whether a person wants it kept whatever its age.
        source_name: the source's name at the time.
        detector: the whole configuration of the detector.
        adjusted: the parameters that had to be lowered to what the rows allow, by name.
        features: the names of the features that were used, in their order.
        left_out: why each column that was not used was not.
        notices: what is wrong with single rows of the source, such as those left out.
        threshold: a row is an anomaly if its score is greater.
        clean_rows: rows of the reference sample behind the p-values; null if there was none.
        chunk_rows: rows read at a time, of a table larger than memory; null where it was held
            whole.
        total_rows: rows read from the source.
        scored_rows: those of them that were scored.
        anomaly_rate: anomalies per scored row.
        score_quantiles: score by quantile, such as ``{"0.5": 0.43}``.
        fingerprint: hash of the data that were read.
        auroc: against the source's label column; null without one.
        average_precision: likewise.
        known_anomalies: rows that the label column calls anomalies.
        found_anomalies: how many of them were labelled here too.
        precision: found anomalies per labelled row of known kind; null where there is none.
        recall: found anomalies per known anomaly; null where there is none.
    """

    # A list is counted and paged in an index alone, so each holds what lists choose and order by.
    __table_args__ = (
        Index(None, "created_at", "id"),
        Index(
            "ix_detection_of_source",
            "source_id",
            "created_at",
            "id",
            "status",
            "algorithm",
            "anomaly_count",
        ),
        Index("ix_detection_of_detector", "source_id", "algorithm", "status", "created_at", "id"),
        Index(None, "status", "created_at", "id", "algorithm"),
        Index(None, "algorithm", "created_at", "id"),
        Index(None, "batch_id", "status"),
        Index(None, "comparison_id", "label", unique=True),
    )

    batch_id: UUID | None = Field(default=None, foreign_key="batch.id", ondelete="CASCADE")
    comparison_id: UUID | None = Field(
        default=None, foreign_key="comparison.id", ondelete="CASCADE"
    )
    label: str | None = Field(default=None, sa_type=Text)
    pinned: bool = False

    source_id: UUID = Field(foreign_key="source.id", ondelete="CASCADE")
    source_name: str = Field(max_length=200)
    algorithm: str = Field(max_length=60)
    detector: dict[str, Any] = Field(sa_type=Json)

    adjusted: dict[str, Adjustment] | None = Field(default=None, sa_type=Json)
    features: list[str] | None = Field(default=None, sa_type=Json)
    left_out: dict[str, str] | None = Field(default=None, sa_type=Json)
    notices: list[str] | None = Field(default=None, sa_type=Json)
    threshold: float | None = Field(default=None, sa_type=Real)
    clean_rows: int | None = Field(default=None, sa_type=Whole)
    chunk_rows: int | None = Field(default=None, sa_type=Whole)
    total_rows: int | None = Field(default=None, sa_type=Whole)
    scored_rows: int | None = Field(default=None, sa_type=Whole)
    anomaly_count: int | None = Field(default=None, sa_type=Whole)
    anomaly_rate: float | None = Field(default=None, sa_type=Real)
    score_quantiles: dict[str, float] | None = Field(default=None, sa_type=Json)
    score_histogram: Histogram | None = Field(default=None, sa_type=Json)
    fingerprint: str | None = Field(default=None, max_length=128)
    auroc: float | None = Field(default=None, sa_type=Real)
    average_precision: float | None = Field(default=None, sa_type=Real)
    known_anomalies: int | None = Field(default=None, sa_type=Whole)
    found_anomalies: int | None = Field(default=None, sa_type=Whole)
    precision: float | None = Field(default=None, sa_type=Real)
    recall: float | None = Field(default=None, sa_type=Real)
