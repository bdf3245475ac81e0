"""One reported anomaly of a stream."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Field, Index
from typing_extensions import TypedDict

from models.base import Table
from models.encoding import storable_text
from models.stream_status import AlertState, AlertStateType
from models.types import Json, Real, Text, Whole


class ColumnDetail(TypedDict):
    """One watched column of a row; ``driving`` if its own score is above the threshold.

    ``low`` and ``high`` are what was expected, null where the detector cannot say; ``score`` is
    null where it scores all columns together, ``value`` where the row had none.
    """

    value: float | None
    low: float | None
    high: float | None
    score: float | None
    driving: bool


@dataclass(frozen=True)
class AlertRow:
    """An alert before it is stored; see ``Alert`` for the fields."""

    sequence: int
    row_key: str | None
    timestamp: datetime | None
    score: float
    threshold: float
    values: dict[str, Any]
    columns: dict[str, ColumnDetail]
    incident: int

    @property
    def deduplication_key(self) -> str:
        """What tells this alert from the others of its stream."""
        return f"#{self.sequence}" if self.row_key is None else row_deduplication_key(self.row_key)


def row_deduplication_key(row_key: str) -> str:
    """Return what tells the alert of the row of this key from the others of its stream."""
    return f"={storable_text(row_key)}"


class Alert(Table, table=True):
    """An anomaly that a person should know of: once a row, however often the row is read.

    Attributes:
        deduplication_key: unique in the stream: "=" and the row's key, else "#" and the sequence.
        sequence: the row's place in the stream, from 0.
        row_key: the row's identity; null if the source names no key columns.
        timestamp: when the row happened, by its own account; null if it has none.
        threshold: which the score is above.
        values: the row's watched values by column.
        columns: what each watched column held, against what was expected.
        incident: neighbouring alerts share this number, from 1.
        snoozed_until: when a snoozed alert is open again.
        resolved_at: when it was resolved, by a person or by quiet rows.
        feedback: whether a person found it right; null if nobody said.
        note: what the person said.
        event_at: when Prefect's server had its event.
        notified_at: when a notification that names it was sent; null if the stream names no block.
        attempts: tries to announce it that failed.
        announcing_error: why the last of them did.
        next_attempt_at: when it is announced next; null once all is done.
    """

    __table_args__ = (
        Index(None, "stream_id", "deduplication_key", unique=True),
        Index(None, "stream_id", "sequence"),
        Index(None, "stream_id", "incident"),
        # A list is counted and paged in an index alone.
        Index("ix_alert_latest", "created_at", "sequence", "id", "timestamp", "incident"),
        Index(
            "ix_alert_of_stream",
            "stream_id",
            "created_at",
            "sequence",
            "id",
            "timestamp",
        ),
        Index(
            "ix_alert_of_stream_in_state",
            "stream_id",
            "state",
            "created_at",
            "sequence",
            "id",
            "snoozed_until",
        ),
        Index(
            "ix_alert_in_state",
            "state",
            "created_at",
            "sequence",
            "id",
            "timestamp",
            "snoozed_until",
        ),
        Index(None, "next_attempt_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    stream_id: UUID = Field(foreign_key="stream.id", ondelete="CASCADE")
    deduplication_key: str = Field(sa_type=Text)
    sequence: int = Field(sa_type=Whole)
    row_key: str | None = Field(default=None, sa_type=Text)
    timestamp: datetime | None = None
    score: float = Field(sa_type=Real)
    threshold: float = Field(sa_type=Real)
    values: dict[str, Any] = Field(sa_type=Json)
    columns: dict[str, ColumnDetail] = Field(sa_type=Json)
    incident: int = Field(sa_type=Whole)

    state: AlertState = Field(default=AlertState.OPEN, sa_type=AlertStateType)
    snoozed_until: datetime | None = None
    acknowledged_at: datetime | None = None
    resolved_at: datetime | None = None
    feedback: bool | None = None
    note: str | None = Field(default=None, sa_type=Text)

    created_at: datetime
    event_at: datetime | None = None
    notified_at: datetime | None = None
    attempts: int = Field(default=0, sa_type=Whole)
    announcing_error: str | None = Field(default=None, sa_type=Text)
    next_attempt_at: datetime | None = None

    def state_at(self, now: datetime) -> AlertState:
        """Return the state, in which a snooze that is over counts as open."""
        if self.state is AlertState.SNOOZED and self.snoozed_until and self.snoozed_until <= now:
            return AlertState.OPEN
        return self.state
