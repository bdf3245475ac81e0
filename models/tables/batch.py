"""One detector over many sources."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Field, Index

from models.tables.run import Run, RunRequest
from models.types import Json, Real, Text, Whole


@dataclass(frozen=True, kw_only=True)
class BatchRequest(RunRequest):
    """What is known of a batch before work starts; see ``Batch`` for the fields."""

    algorithm: str
    detector: dict[str, Any]
    max_workers: int
    name: str | None = None
    source_timeout_seconds: float | None = None


class Batch(Run, table=True):
    """One detector over many sources: a detection each.

    Attributes:
        name: what a person calls it; null for none.
        detector: the whole configuration of the detector.
        max_workers: how many sources are worked on at once.
        source_timeout_seconds: the longest one source may take; null for no limit.
        total_sources: sources asked for; the detections of those removed since are gone.
        heartbeat_at: the last sign of life of the flow run that works on it.
        cancel_requested_at: when a person asked to cancel it.
        error_type: what ended it before its work was done; null if its detections decided.
    """

    __table_args__ = (
        Index(None, "created_at", "id"),
        Index(None, "status", "created_at", "id"),
    )

    name: str | None = Field(default=None, sa_type=Text)
    algorithm: str = Field(max_length=60)
    detector: dict[str, Any] = Field(sa_type=Json)
    max_workers: int = Field(sa_type=Whole)
    source_timeout_seconds: float | None = Field(default=None, sa_type=Real)
    total_sources: int = Field(sa_type=Whole)
    heartbeat_at: datetime | None = None
    cancel_requested_at: datetime | None = None
