"""A feed with gaps and anomalies, streams that poll it, and all that a stream holds."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Engine

from models.queries.alerts import AlertFilter, list_alerts
from models.queries.points import find_checkpoint, list_points, list_stream_statistics
from models.queries.sources import save_source
from models.queries.streams import create_stream, get_stream
from models.session import session_scope
from models.tables.checkpoint import Checkpoint
from models.tables.source import SourceDefinition
from models.tables.stream import StreamDefinition

_BEGUN = datetime(2026, 3, 1, tzinfo=UTC)
_ALL = 1_000_000
_WHEN_NOT_WHAT = {
    "arrivals",
    "id",
    "stream_id",
    "stored_at",
    "created_at",
    "updated_at",
    "resolved_at",
}
_ANNOUNCED = {"event_at", "notified_at", "attempts", "announcing_error", "next_attempt_at"}


def write_feed(path: Path, n_rows: int, seed: int = 0) -> None:
    """Write a CSV file of two columns with a daily rhythm, gaps, and some anomalies in a row."""
    random = np.random.default_rng(seed)
    minutes = np.arange(n_rows)
    rhythm = 10 * np.sin(minutes * 2 * np.pi / 1440)
    frame = pd.DataFrame(
        {
            "id": minutes,
            "time": [(_BEGUN + timedelta(minutes=int(minute))).isoformat() for minute in minutes],
            "load": rhythm + random.normal(size=n_rows),
            "latency": random.lognormal(size=n_rows),
        }
    )
    for start in random.integers(0, n_rows, max(n_rows // 400, 1)):
        frame.loc[start : start + int(random.integers(0, 3)), "load"] += 60
    for column in ("load", "latency"):
        frame.loc[random.random(n_rows) < 0.01, column] = np.nan
    frame.to_csv(path, index=False)


def add_streams(
    engine: Engine, path: Path, names: Sequence[str], *, algorithm: str, **changes: Any
) -> None:
    """Register the feed as a source, and create streams that poll it."""
    definition = SourceDefinition(
        name="feed",
        kind="csv",
        config={"path": str(path)},
        key_columns=["id"],
        cursor_column="time",
    )
    with session_scope(engine) as session:
        source = save_source(session, definition, datetime.now(UTC)).source
        for name in names:
            stream = StreamDefinition(
                name=name,
                source_id=source.id,
                algorithm=algorithm,
                detector={"algorithm": algorithm},
                **changes,
            )
            create_stream(session, stream, datetime.now(UTC))


def rows_seen(engine: Engine, name: str) -> int:
    """Return how many rows a stream has stored."""
    with session_scope(engine, writes=False) as session:
        checkpoint = session.get(Checkpoint, get_stream(session, name).id)
    return 0 if checkpoint is None else checkpoint.rows_seen


def content(engine: Engine, name: str) -> dict[str, list[dict[str, Any]]]:
    """Return all that a stream holds but for ids and the times at which it was stored."""
    with session_scope(engine, writes=False) as session:
        stream_id = get_stream(session, name).id
        tables: dict[str, Sequence[Any]] = {
            "checkpoint": [find_checkpoint(session, stream_id)],
            "statistics": list_stream_statistics(session, stream_id),
            "alerts": list_alerts(session, _BEGUN, AlertFilter(stream_id), limit=_ALL).items,
            "points": list_points(session, stream_id, limit=_ALL).items,
        }
    return {
        kind: sorted(map(_plain, rows), key=lambda row: row.get("sequence", 0))
        for kind, rows in tables.items()
    }


def _plain(row: Any) -> dict[str, Any]:
    return {
        name: value
        for name, value in row.model_dump().items()
        if name not in _WHEN_NOT_WHAT | _ANNOUNCED
    }
