"""One reported anomaly of a stream."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Field, Index
from typing_extensions import TypedDict

from models.base import Table
from models.encoding import storable_text
from models.stream_status import AlertKind, AlertKindType, AlertState, AlertStateType
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
    score: float | None
    threshold: float | None
    values: dict[str, Any]
    columns: dict[str, ColumnDetail]
    incident: int | None
    kind: AlertKind = AlertKind.ROW
    column: str | None = None
    first_row: int | None = None

    @property
    def deduplication_key(self) -> str:
        """What tells this alert from the others of its stream."""
        if self.kind is not AlertKind.ROW:
            assert self.first_row is not None
            return condition_key(self.kind, self.first_row, self.column)
        return f"#{self.sequence}" if self.row_key is None else row_deduplication_key(self.row_key)


def condition_key(kind: AlertKind, first_row: int, column: str | None = None) -> str:
    """Return what tells the alert of a condition from the others of its stream."""
    return storable_text(f"{kind}#{first_row}" + (f":{column}" if column is not None else ""))


def row_deduplication_key(row_key: str) -> str:
    """Return what tells the alert of the row of this key from the others of its stream."""
    return f"={storable_text(row_key)}"


class Alert(Table, table=True):
    """What a person should know of a stream: once a row, however often it is read, or a condition.

    Attributes:
        kind: an anomalous row, or a condition.
        deduplication_key: unique in the stream: "=" and the row's key, else "#" and the sequence;
            of a condition its kind, the row with which it began, and the column.
        column: that is missing or stuck; null for the other kinds.
        first_row: with which a condition began; of ``silence``, the row that has not come. Null for
            a row.
        sequence: the row's place in the stream, from 0; of a condition, that of the row at which it
            was raised.
        row_key: the row's identity; null if the source names no key columns.
        timestamp: when the row happened, by its own account; null if it has none.
        score: null for a condition.
        threshold: which the score is above; null for a condition.
        values: the row's watched values by column.
        columns: what each watched column held, against what was expected.
        incident: neighbouring alerts share this number, from 1; null for a condition.
        snoozed_until: when a snoozed alert is open again.
        resolved_at: when it was resolved, by a person, by quiet rows, or as the condition ended.
        feedback: whether a person found it right; null if nobody said.
        note: what the person said.
        event_at: when Prefect's server had its event.
        resolved_event_at: when it had the event that a condition has ended.
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
        Index(None, "kind", "stream_id", "created_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    stream_id: UUID = Field(foreign_key="stream.id", ondelete="CASCADE")
    kind: AlertKind = Field(default=AlertKind.ROW, sa_type=AlertKindType)
    deduplication_key: str = Field(sa_type=Text)
    column: str | None = Field(default=None, sa_type=Text)
    first_row: int | None = Field(default=None, sa_type=Whole)
    sequence: int = Field(sa_type=Whole)
    row_key: str | None = Field(default=None, sa_type=Text)
    timestamp: datetime | None = None
    score: float | None = Field(default=None, sa_type=Real)
    threshold: float | None = Field(default=None, sa_type=Real)
    values: dict[str, Any] = Field(sa_type=Json)
    columns: dict[str, ColumnDetail] = Field(sa_type=Json)
    incident: int | None = Field(default=None, sa_type=Whole)

    state: AlertState = Field(default=AlertState.OPEN, sa_type=AlertStateType)
    snoozed_until: datetime | None = None
    acknowledged_at: datetime | None = None
    resolved_at: datetime | None = None
    feedback: bool | None = None
    note: str | None = Field(default=None, sa_type=Text)

    created_at: datetime
    event_at: datetime | None = None
    resolved_event_at: datetime | None = None
    notified_at: datetime | None = None
    attempts: int = Field(default=0, sa_type=Whole)
    announcing_error: str | None = Field(default=None, sa_type=Text)
    next_attempt_at: datetime | None = None

    def state_at(self, now: datetime) -> AlertState:
        """Return the state, in which a snooze that is over counts as open."""
        if self.state is AlertState.SNOOZED and self.snoozed_until and self.snoozed_until <= now:
            return AlertState.OPEN
        return self.state
