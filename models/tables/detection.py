"""One run of one detector over one source."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Field, Index
from typing_extensions import TypedDict

from models.base import Table
from models.status import Status, StatusType
from models.types import Json, Real, Text, Whole


class Histogram(TypedDict):
    """Counts of values between consecutive edges; one edge more than counts."""

    edges: list[float]
    counts: list[int]


@dataclass(frozen=True)
class DetectionRequest:
    """What is known of a detection before work starts; see ``Detection`` for the fields."""

    source_id: UUID
    algorithm: str
    detector: dict[str, Any]
    threshold_policy: dict[str, Any]
    seed: int
    missing: str
    columns: list[str] | None = None
    sample_size: int | None = None
    flow_run_id: UUID | None = None


class Detection(Table, table=True):
    """One run of one detector over one source, from ``pending`` to its end.

    Attributes:
        source_name: the source's name at the time.
        detector: the whole configuration of the detector.
        columns: the columns asked for; null for the source's default.
        features: the names of the features that were used, in their order.
        left_out: why each column that was not used was not.
        sample_size: the most rows to fit on; null for all.
        missing: what is done about missing values.
        threshold: a row is an anomaly if its score is greater.
        clean_rows: rows of the clean twin behind the p-values; null if there was none.
        total_rows: rows read from the source.
        scored_rows: those of them that were scored.
        anomaly_rate: anomalies per scored row.
        score_quantiles: score by quantile, such as ``{"0.5": 0.43}``.
        fingerprint: hash of the data that were read.
        auroc: against the source's label column; null without one.
        average_precision: likewise.
        known_anomalies: rows that the label column calls anomalies.
        found_anomalies: how many of them were labelled here too.
    """

    __table_args__ = (
        Index(None, "source_id", "created_at"),
        Index(None, "status", "created_at"),
        Index(None, "algorithm", "created_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    source_id: UUID = Field(foreign_key="source.id", ondelete="CASCADE")
    source_name: str = Field(max_length=200)
    status: Status = Field(default=Status.PENDING, sa_type=StatusType)

    algorithm: str = Field(max_length=60)
    detector: dict[str, Any] = Field(sa_type=Json)
    columns: list[str] | None = Field(default=None, sa_type=Json)
    seed: int = Field(sa_type=Whole)
    sample_size: int | None = Field(default=None, sa_type=Whole)
    missing: str = Field(max_length=40)
    threshold_policy: dict[str, Any] = Field(sa_type=Json)

    features: list[str] | None = Field(default=None, sa_type=Json)
    left_out: dict[str, str] | None = Field(default=None, sa_type=Json)
    threshold: float | None = Field(default=None, sa_type=Real)
    clean_rows: int | None = Field(default=None, sa_type=Whole)
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

    flow_run_id: UUID | None = Field(default=None, index=True)
    created_at: datetime = Field(index=True)
    started_at: datetime | None = None
    completed_at: datetime | None = None
    duration_ms: int | None = Field(default=None, sa_type=Whole)
    error_type: str | None = Field(default=None, sa_type=Text)
    error_message: str | None = Field(default=None, sa_type=Text)
