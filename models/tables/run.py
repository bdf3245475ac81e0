"""What detections, batches and comparisons have in common."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Field

from models.base import Table
from models.status import Status, StatusType
from models.types import Json, Text, Whole


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """What is known of a run before work starts; see ``Run`` for the fields."""

    threshold_policy: dict[str, Any]
    seed: int
    missing: str
    columns: list[str] | None = None
    sample_size: int | None = None
    flow_run_id: UUID | None = None


class Run(Table):
    """A piece of work, from ``pending`` to its end: what was asked for and where it stands.

    Attributes:
        columns: the columns asked for; null for the source's default.
        sample_size: the most rows to fit on; null for all.
        missing: what is done about missing values.
        flow_run_id: the Prefect flow run that works on it.
        started_at: when work last started.
    """

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    status: Status = Field(default=Status.PENDING, sa_type=StatusType)

    columns: list[str] | None = Field(default=None, sa_type=Json)
    seed: int = Field(sa_type=Whole)
    sample_size: int | None = Field(default=None, sa_type=Whole)
    missing: str = Field(max_length=40)
    threshold_policy: dict[str, Any] = Field(sa_type=Json)

    flow_run_id: UUID | None = Field(default=None, index=True)
    created_at: datetime
    started_at: datetime | None = None
    completed_at: datetime | None = None
    duration_ms: int | None = Field(default=None, sa_type=Whole)
    error_type: str | None = Field(default=None, sa_type=Text)
    error_message: str | None = Field(default=None, sa_type=Text)
