"""Rows of streams to store, valid unless a test says otherwise."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from models.queries.streams import create_stream
from models.tables.alert import Alert
from models.tables.checkpoint import Checkpoint
from models.tables.stream import Stream, StreamDefinition
from models.tables.stream_point import StreamPoint


def add_stream(session: Session, now: datetime, name: str = "meter", **changes: Any) -> Stream:
    fields = {"source_id": None, "algorithm": "value_gap", "detector": {"algorithm": "value_gap"}}
    return create_stream(session, StreamDefinition(name=name, **(fields | changes)), now)


def checkpoint_of(stream: Stream, at: datetime) -> Checkpoint:
    return Checkpoint(
        stream_id=stream.id,
        columns=["value"],
        format_version=1,
        algorithm=stream.algorithm,
        libraries={},
        payload=b"\x00\xff",
        warm_up_left=0,
        rows_seen=20,
        rows_scored=20,
        rows_skipped=0,
        alerts=0,
        incidents=0,
        alert_memory={},
        updated_at=at,
    )


def point_of(stream: Stream, sequence: int, at: datetime) -> StreamPoint:
    values = {"value": 1.5}
    return StreamPoint(
        stream_id=stream.id, sequence=sequence, values=values, flagged=False, stored_at=at
    )


def alert_of(stream: Stream, sequence: int, at: datetime, **changes: Any) -> Alert:
    fields = {
        "deduplication_key": f"#{sequence}",
        "score": 0.9,
        "threshold": 0.5,
        "values": {"value": 1.5},
        "columns": {},
        "incident": 1,
        "created_at": at,
    }
    return Alert(stream_id=stream.id, sequence=sequence, **(fields | changes))
