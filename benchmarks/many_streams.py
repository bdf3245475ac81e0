"""Many streams that are polled every second: does anything grow?"""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import numpy as np

from benchmarks.soak import MemorySamples, prefect_bytes
from benchmarks.stream_feed import add_streams, rows_seen
from models.queries.alerts import list_alerts
from models.schema import open_database
from models.session import session_scope
from settings import get_settings

_WARM_SECONDS = 5.0


@dataclass(frozen=True)
class ManyStreams:
    """What a run over many streams did.

    Attributes:
        streams: polled side by side.
        rows: that they read together.
        alerts: that they raised; each is an event in Prefect's database.
        expected: rows that they should have read.
        growth: bytes by which Prefect's database grew.
        memory: resident bytes of this process over the run, evenly spaced.
    """

    streams: int
    rows: int
    alerts: int
    expected: int
    growth: int
    memory: tuple[int, ...]


def run_many_streams(folder: Path, n_streams: int, seconds: float) -> ManyStreams:
    """Poll many streams once a second, each of which gets a row a second, seldom an odd one.

    Args:
        folder: where their feed is written.
        n_streams: how many.
        seconds: how long.
    """
    from flows.stream import stream

    engine = open_database(get_settings().resolved_database_url)
    feed = folder / "feed.csv"
    feed.write_text("id,time,load,latency\n")
    names = [f"stream-{number:03}" for number in range(n_streams)]
    add_streams(engine, feed, names, algorithm="value_gap", every_seconds=1.0)
    stream(run_for=_WARM_SECONDS)  # imports, compiled kernels, first connections
    ended = threading.Event()
    writer = threading.Thread(target=_write_rows, args=(feed, ended))
    before = prefect_bytes()
    writer.start()
    try:
        with MemorySamples() as memory:
            stream(run_for=seconds)
    finally:
        ended.set()
        writer.join()
    growth = prefect_bytes() - before
    stream(run_for=_WARM_SECONDS)  # reads what came in last
    rows = sum(rows_seen(engine, name) for name in names)
    written = len(feed.read_text().splitlines()) - 1
    with session_scope(engine, writes=False) as session:
        alerts = list_alerts(session, datetime.now(UTC), limit=1).total
    return ManyStreams(
        streams=n_streams,
        rows=rows,
        alerts=alerts,
        expected=written * n_streams,
        growth=growth,
        memory=tuple(memory.samples),
    )


def _write_rows(feed: Path, ended: threading.Event) -> None:
    random = np.random.default_rng(0)
    begun, row = monotonic(), 0
    while not ended.wait(max(begun + row - monotonic(), 0)):
        with feed.open("a") as file:
            load, latency = random.random(2)
            file.write(f"{row},2026-03-01T{row // 3600:02}:{row // 60 % 60:02}:{row % 60:02}Z,")
            file.write(f"{load},{latency}\n")
        row += 1
