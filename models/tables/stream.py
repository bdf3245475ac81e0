"""A source that is watched row by row, or rows that are handed over."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Field, Index

from models.base import Table
from models.clock import LONGEST_LEASE, LifeCheck
from models.stream_status import StreamStatus, StreamStatusType
from models.types import Json, Real, Text, Whole


@dataclass(frozen=True, kw_only=True)
class StreamDefinition:
    """What a person says about a stream; see ``Stream`` for the fields."""

    name: str
    source_id: UUID | None
    algorithm: str
    detector: dict[str, Any]
    tags: list[str] = field(default_factory=list)
    columns: list[str] | None = None
    threshold: float | None = None
    seed: int = 0
    learn_anomalies: bool = True
    backfill: int = 0
    time_column: str | None = None
    every_seconds: float = 10.0
    page_limit: int = 10_000
    lag: float = 0.0
    min_consecutive: int = 1
    cooldown_seconds: float = 0.0
    resolve_after: int = 100
    keep_points: int = 1000
    max_failures: int = 10
    watch_missing: bool = True
    watch_stuck: bool = True
    silence_seconds: float | None = None
    notify_block: str | None = None


class Stream(Table, table=True):
    """One online detector over the rows that come in, and who works on it.

    Attributes:
        name: lowercase letters, digits and dashes.
        source_id: the source that is polled; null for a stream that is only pushed to.
        detector: the whole configuration of the online detector.
        columns: the columns asked for; null for those of the source, else every numeric one.
        threshold: a row is an anomaly if its score is greater; null for the detector's default.
        learn_anomalies: whether the detector learns from anomalies too.
        backfill: the first rows, which are learnt from and raise no alert.
        time_column: when a row happened; null for the source's cursor column if it holds times.
        every_seconds: from one poll to the next.
        page_limit: the most rows of one poll.
        lag: how far back rows of a SQL source may come in late, in seconds, or units of a cursor
            that counts; 0 for what the source itself says.
        min_consecutive: so many anomalies in a row make an alert.
        cooldown_seconds: for so long after an alert, by the rows' own time, there is no other.
        resolve_after: so many normal rows in a row end an incident.
        keep_points: recent rows that are kept.
        max_failures: after so many failures in a row the stream is given up.
        watch_missing: whether a column that stays empty raises an alert.
        watch_stuck: whether a column whose value is stuck does.
        silence_seconds: without rows, after which an alert is raised; null to judge by the pauses
            before, 0 for no such alerts.
        notify_block: the Prefect notification block that is told of alerts, as ``type/name``.
        flow_run_id: the flow run that works on the stream, or did last.
        lease_owner: a token of whoever holds the stream, another one each time it is taken.
        lease_expires_at: the holder is dead if this has passed.
        failures: in a row, up to now.
        error_type: of the last failure; null since the last success.
        behind: how far behind the end of its source the stream is; null if that is not known.
        behind_unit: of ``behind``: bytes, files, rows, seconds or units.
        next_poll_at: when it is polled next, or tried again.
        notified_at: when a notification was last sent.
    """

    __table_args__ = (
        Index(None, "status", "lease_expires_at"),
        Index(None, "source_id"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    name: str = Field(unique=True, max_length=80)
    source_id: UUID | None = Field(default=None, foreign_key="source.id", ondelete="CASCADE")
    tags: list[str] = Field(default_factory=list, sa_type=Json)

    algorithm: str = Field(max_length=60)
    detector: dict[str, Any] = Field(sa_type=Json)
    columns: list[str] | None = Field(default=None, sa_type=Json)
    threshold: float | None = Field(default=None, sa_type=Real)
    seed: int = Field(default=0, sa_type=Whole)
    learn_anomalies: bool = True
    backfill: int = Field(default=0, sa_type=Whole)

    time_column: str | None = Field(default=None, sa_type=Text)
    every_seconds: float = Field(sa_type=Real)
    page_limit: int = Field(sa_type=Whole)
    lag: float = Field(default=0.0, sa_type=Real)

    min_consecutive: int = Field(sa_type=Whole)
    cooldown_seconds: float = Field(sa_type=Real)
    resolve_after: int = Field(sa_type=Whole)
    keep_points: int = Field(sa_type=Whole)
    max_failures: int = Field(sa_type=Whole)
    watch_missing: bool = True
    watch_stuck: bool = True
    silence_seconds: float | None = Field(default=None, sa_type=Real)
    notify_block: str | None = Field(default=None, sa_type=Text)

    status: StreamStatus = Field(default=StreamStatus.CREATED, sa_type=StreamStatusType)
    flow_run_id: UUID | None = None
    lease_owner: UUID | None = None
    lease_expires_at: datetime | None = None
    failures: int = Field(default=0, sa_type=Whole)
    error_type: str | None = Field(default=None, sa_type=Text)
    error_message: str | None = Field(default=None, sa_type=Text)
    behind: float | None = Field(default=None, sa_type=Real)
    behind_unit: str | None = Field(default=None, max_length=16)
    last_polled_at: datetime | None = None
    next_poll_at: datetime | None = None
    notified_at: datetime | None = None
    created_at: datetime
    updated_at: datetime

    def is_held(self, now: datetime) -> bool:
        """Whether a flow run works on the stream."""
        return LifeCheck(now, LONGEST_LEASE).is_lease(self.lease_expires_at)
