"""From where a stream goes on, to the bit, after whatever happened."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field

from models.base import Table
from models.types import Json, Text, Whole


@dataclass(frozen=True, kw_only=True)
class CheckpointState:
    """A checkpoint before it is stored; see ``Checkpoint`` for the fields.

    Alerts are counted when they are stored: a row that has raised one before raises no other.
    """

    cursor: str | None
    columns: list[str]
    time_column: str | None
    format_version: int
    algorithm: str
    libraries: dict[str, str]
    payload: bytes
    warm_up_left: int
    rows_seen: int
    rows_scored: int
    rows_skipped: int
    incidents: int
    alert_memory: dict[str, Any]
    rows_unscored: int
    health: bytes
    arrivals: dict[str, Any]


class Checkpoint(Table, table=True):
    """Cursor, detector and counters, written in one transaction with the alerts they caused.

    Attributes:
        cursor: where the next page begins; null if the stream is only pushed to.
        columns: the columns watched, as they were chosen at the first page.
        time_column: the column of times, likewise; null if there is none.
        format_version: the layout of ``payload``.
        algorithm: the online detector's name in the registry.
        libraries: versions the payload was written with, by package name.
        payload: the state of the detector.
        warm_up_left: rows that still raise no alert, since the detector knows too little.
        rows_seen: rows so far; the number of the next one.
        rows_scored: those of them that had a score.
        rows_skipped: those of them without one, since no watched column had a value.
        alerts: alerts raised so far.
        incidents: incidents so far.
        alert_memory: what the alert logic has to remember.
        rows_unscored: rows without a score up to now, in a row.
        health: which columns are empty or stuck; null if an earlier version of Vigil wrote this.
        arrivals: when polls brought rows; likewise.
    """

    stream_id: UUID = Field(primary_key=True, foreign_key="stream.id", ondelete="CASCADE")
    cursor: str | None = Field(default=None, sa_type=Text)
    columns: list[str] = Field(sa_type=Json)
    time_column: str | None = Field(default=None, sa_type=Text)
    format_version: int = Field(sa_type=Whole)
    algorithm: str = Field(max_length=60)
    libraries: dict[str, str] = Field(sa_type=Json)
    payload: bytes
    warm_up_left: int = Field(sa_type=Whole)
    rows_seen: int = Field(sa_type=Whole)
    rows_scored: int = Field(sa_type=Whole)
    rows_skipped: int = Field(sa_type=Whole)
    alerts: int = Field(sa_type=Whole)
    incidents: int = Field(sa_type=Whole)
    alert_memory: dict[str, Any] = Field(sa_type=Json)
    rows_unscored: int = Field(default=0, sa_type=Whole)
    health: bytes | None = None
    arrivals: dict[str, Any] | None = Field(default=None, sa_type=Json)
    updated_at: datetime
