"""Score points that a caller hands over, as the next rows of a stream."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import Annotated, Any
from uuid import UUID, uuid4

import numpy as np
import pandas as pd
from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from detectors.errors import DetectorError
from detectors.online.alerts import Positions
from detectors.online.rows import StreamColumns
from models.clock import read_clock
from models.errors import StreamHeldError
from models.queries.alerts import find_alerts_by_key
from models.queries.lease import Lease, take_lease
from models.queries.points import known_point_keys
from models.queries.polls import Poll
from models.queries.streams import get_stream
from models.queries.ticks import StoredTick
from models.session import session_scope
from models.stream_status import AlertKind
from models.tables.alert import Alert
from sources.bad_rows import has_unkept
from sources.values import to_text
from tasks.database import open_engine, utc_now
from tasks.streams.checkpoint import begin
from tasks.streams.held_stream import HeldStream, lease_end
from tasks.streams.process_rows import IncomingRows

_LONGEST_WAIT_SECONDS = 10.0
_WAIT_SECONDS = 0.25


def _key_text(key: Any) -> Any:
    """A number or a boolean as the text that sources make of it; all else as it is."""
    return to_text([key])[0].as_py() if isinstance(key, (int, float)) else key


class Point(BaseModel):
    """One row that is handed over."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    values: dict[str, float | None] = Field(
        min_length=1, description="numbers by column; a column that is left out is missing"
    )
    timestamp: datetime | None = Field(
        None, description="when it happened, UTC unless it says otherwise; now when left out"
    )
    key: Annotated[
        str | None, BeforeValidator(_key_text, json_schema_input_type=str | float | bool | None)
    ] = Field(
        None,
        min_length=1,
        description="identity, of which a number is taken as its text: a point whose key is known "
        "is not scored again",
    )

    @field_validator("key")
    @classmethod
    def _keepable(cls, key: str | None) -> str | None:
        if key is not None and has_unkept(key):  # replaced, it could become another key
            raise ValueError("holds NUL, which no database can keep: leave it out")
        return key


@dataclass(frozen=True)
class PushedAlert:
    """An alert of a point that was handed over; see the table ``Alert`` for the fields."""

    id: UUID
    key: str | None
    sequence: int
    score: float | None
    threshold: float | None
    incident: int | None
    kind: AlertKind
    column: str | None


@dataclass(frozen=True)
class PushResult:
    """What became of points that were handed over.

    Attributes:
        scored: points that had a score, and were learnt.
        skipped: points that had no value to score.
        known: points that were not, since their keys were known.
        alerts: of both, in the order of their rows: who asks again gets the same answer.
    """

    scored: int
    skipped: int
    known: int
    alerts: list[PushedAlert]


@task(task_run_name="push-{name}", cache_policy=NO_CACHE)
def push_points(name: str, points: Sequence[Point]) -> PushResult:
    """Score and learn points in their order, and store all that follows in one transaction.

    Raises:
        UnknownStreamError: there is no stream of this name.
        StreamStatusError: it is paused, stopped or given up.
        StreamHeldError: somebody else works on it, and goes on doing so.
        DetectorError: the points do not have the columns of the stream.
        DatabaseError: the database failed; whether the points were stored is not known, and asking
            again is safe if they have keys.
    """
    held = HeldStream(_take(name))
    try:
        return _push(held, points)
    finally:
        held.release()


def _take(name: str) -> Lease:
    """Take a stream, and wait a little for another push to end."""
    deadline = monotonic() + _LONGEST_WAIT_SECONDS
    with session_scope(open_engine(), writes=False) as session:
        stream = get_stream(session, name)
    lease = Lease(stream.id, uuid4())
    while True:
        try:
            with session_scope(open_engine()) as session:
                now, expires_at = read_clock(session), lease_end(session)
                take_lease(session, lease, now, expires_at, UUID(flow_run.id))
        except StreamHeldError:
            if monotonic() > deadline:
                raise
            sleep(_WAIT_SECONDS)
        else:
            return lease


def _push(held: HeldStream, points: Sequence[Point]) -> PushResult:
    stream_id = held.lease.stream_id
    keys = list(dict.fromkeys(point.key for point in points if point.key is not None))
    with session_scope(open_engine(), writes=False) as session:
        known = known_point_keys(session, stream_id, keys)
        alerted = find_alerts_by_key(session, stream_id, keys)
    new = _unknown(points, known | {alert.row_key for alert in alerted if alert.row_key})
    raised: list[UUID] = []
    scored = 0
    if new:
        stored = _store(held, new)
        raised, scored = stored.alerts, stored.rows_scored
    with session_scope(open_engine(), writes=False) as session:
        alerts = {alert.id: alert for alert in find_alerts_by_key(session, stream_id, keys)}
        alerts |= {alert_id: session.get_one(Alert, alert_id) for alert_id in raised}
    ordered = sorted(alerts.values(), key=lambda alert: alert.sequence)
    return PushResult(
        scored=scored,
        skipped=len(new) - scored,
        known=len(points) - len(new),
        alerts=[_pushed(alert) for alert in ordered],
    )


def _unknown(points: Sequence[Point], known: set[str]) -> list[Point]:
    """Return the points whose keys are not known; of several with the same key the first."""
    seen = set(known)
    new = []
    for point in points:
        if point.key is not None and point.key in seen:
            continue
        new.append(point)
        if point.key is not None:
            seen.add(point.key)
    return new


def _store(held: HeldStream, points: Sequence[Point]) -> StoredTick:
    loaded, now = held.loaded, utc_now()
    frame = pd.DataFrame([point.values for point in points], dtype=np.float64)
    if loaded.knowledge is None:
        watched = tuple(loaded.stream.columns or frame.columns)
        loaded.knowledge = begin(loaded.stream, StreamColumns(watched, None))
    watched = loaded.knowledge.columns.watched
    unknown = [name for name in frame.columns if name not in watched]
    if unknown:
        raise DetectorError(
            f"stream {loaded.stream.name} watches {', '.join(watched)}, and the points hold "
            f"{', '.join(map(repr, unknown))}: leave these out, or create another stream"
        )
    rows = IncomingRows(
        frame=frame.reindex(columns=list(watched)),
        times=np.array([_seconds(point.timestamp or now) for point in points]),
        keys=lambda positions: _keys(points, positions),
    )
    return held.store(rows, loaded.cursor, Poll(polled_at=now, next_poll_at=None))


def _keys(points: Sequence[Point], positions: Positions) -> list[str | None]:
    return [points[position].key for position in positions.tolist()]


def _seconds(moment: datetime) -> float:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _pushed(alert: Alert) -> PushedAlert:
    return PushedAlert(
        id=alert.id,
        key=alert.row_key,
        sequence=alert.sequence,
        score=alert.score,
        threshold=alert.threshold,
        incident=alert.incident,
        kind=alert.kind,
        column=alert.column,
    )
