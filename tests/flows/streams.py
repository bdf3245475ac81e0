"""Streams to run, and what became of them."""

from pathlib import Path
from typing import Any

import numpy as np

from models.queries.alerts import AlertFilter, list_alerts
from models.queries.sources import save_source
from models.queries.streams import create_stream, get_stream
from models.session import session_scope
from models.tables.alert import Alert
from models.tables.source import SourceDefinition
from models.tables.stream import Stream, StreamDefinition
from tasks.database import open_engine, utc_now


def write_rows(path: Path, first: int, n_rows: int, odd: tuple[int, ...] = ()) -> None:
    """Append rows to a CSV file, some of them odd."""
    random = np.random.default_rng(first)
    with path.open("a") as file:
        if first == 0:
            file.write("id,load\n")
        for row in range(first, first + n_rows):
            value = 99.0 if row in odd else random.normal()
            file.write(f"{row},{value}\n")


def add_stream(name: str, path: Path | None = None, **changes: Any) -> Stream:
    """Create a stream over a CSV file, or one that is only pushed to."""
    fields: dict[str, Any] = {
        "algorithm": "rolling_zscore",
        "detector": {"algorithm": "rolling_zscore", "window": 50},
        "every_seconds": 0.2,
        "resolve_after": 20,
    }
    with session_scope(open_engine()) as session:
        source_id = None
        if path is not None:
            definition = SourceDefinition(
                name=path.stem, kind="csv", config={"path": str(path)}, key_columns=["id"]
            )
            source_id = save_source(session, definition, utc_now()).source.id
        definition = StreamDefinition(name=name, source_id=source_id, **(fields | changes))
        return create_stream(session, definition, utc_now())


def the_stream(name: str) -> Stream:
    with session_scope(open_engine(), writes=False) as session:
        return get_stream(session, name)


def alerts_of(name: str) -> list[Alert]:
    """Return the alerts of a stream in the order of their rows."""
    with session_scope(open_engine(), writes=False) as session:
        stream = get_stream(session, name)
        found = list_alerts(session, utc_now(), AlertFilter(stream.id), limit=10_000).items
    return sorted(found, key=lambda alert: alert.sequence)
