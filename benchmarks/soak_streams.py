"""Streams that are killed, cut off and run twice: is anything lost, repeated, or different?"""

import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from sqlalchemy import Engine

from benchmarks.postgres_server import PostgresServer
from benchmarks.stream_feed import add_streams, content, rows_seen, write_feed
from models.queries.stream_life import resume_stream, stop_stream
from models.queries.streams import get_stream
from models.schema import open_database
from models.session import session_scope

# Small pages make many transactions; a run that is not disturbed takes large ones.
_SMALL_PAGE = 200
_LARGE_PAGE = 10_000
_LEASE_SECONDS = 5
_PATIENCE_SECONDS = 600.0

_RUN = """
import time
from flows.stream import stream
while True:
    stream(run_for={run_for}, max_streams={max_streams})
    time.sleep(0.2)
"""


@dataclass(frozen=True)
class Disturbed:
    """What became of a stream that was disturbed.

    Attributes:
        rows: rows in its feed.
        disturbances: how often it was disturbed.
        alerts: alerts it raised.
        differences: parts of its content that differ from those of an undisturbed stream.
        seconds: how long it took.
    """

    rows: int
    disturbances: int
    alerts: int
    differences: list[str]
    seconds: float


class StreamProcess:
    """A process that runs the flow ``stream`` again and again, until it is killed."""

    def __init__(self, database_url: str, run_for: float = 4.0, max_streams: int = 8) -> None:
        """Start it, against the Prefect server of the environment."""
        self._process = subprocess.Popen(
            [sys.executable, "-c", _RUN.format(run_for=run_for, max_streams=max_streams)],
            env=os.environ
            | {
                "VIGIL_DATABASE_URL": database_url,
                "VIGIL_STALE_AFTER_SECONDS": str(_LEASE_SECONDS),
                "PREFECT_LOGGING_LEVEL": "ERROR",
            },
        )

    def __enter__(self) -> "StreamProcess":
        return self

    def __exit__(self, *error: object) -> None:
        self.kill()

    @property
    def is_running(self) -> bool:
        """Whether it has not ended by itself."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End it without a word."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()


def kill_again_and_again(
    folder: Path, database_url: str, n_rows: int, kills: int, algorithm: str = "value_gap"
) -> Disturbed:
    """Kill a stream at seeded random moments, restart it, and compare it with another one.

    Args:
        folder: where the feed is written.
        database_url: an empty database.
        n_rows: rows in the feed.
        kills: how often.
        algorithm: of the detector.
    """
    engine = _prepare(folder, database_url, n_rows, algorithm, ["killed"])
    moments = random.Random(n_rows + kills)
    targets = sorted(moments.randrange(1, n_rows) for _ in range(kills))
    begun = monotonic()
    for target in targets:
        with StreamProcess(database_url) as process:
            _wait(lambda target=target: rows_seen(engine, "killed") >= target, process)
            sleep(moments.uniform(0, 0.03))
    with StreamProcess(database_url) as process:
        _wait(lambda: rows_seen(engine, "killed") >= n_rows, process)
        return _compare(engine, ["killed"], n_rows, kills, begun, process)


def cut_off(
    folder: Path, database_url: str, n_rows: int, outage: Callable[[], None], outages: int
) -> Disturbed:
    """Take the database away from a stream again and again, which goes on by itself.

    Args:
        folder: where the feed is written.
        database_url: an empty database.
        n_rows: rows in the feed.
        outage: takes it away, and gives it back after a while.
        outages: how often.
    """
    engine = _prepare(folder, database_url, n_rows, "value_gap", ["cut-off"])
    begun = monotonic()
    with StreamProcess(database_url, run_for=3600.0) as process:  # one run outlasts all of them
        for number in range(outages):
            target = n_rows * (number + 1) // (outages + 2)
            _wait(lambda target=target: rows_seen(engine, "cut-off") >= target, process)
            engine.dispose()
            outage()
        _wait(lambda: rows_seen(engine, "cut-off") >= n_rows, process)
    with StreamProcess(database_url) as process:
        return _compare(engine, ["cut-off"], n_rows, outages, begun, process)


def run_twice_at_once(folder: Path, database_url: str, n_rows: int, n_streams: int) -> Disturbed:
    """Let two processes compete for the same streams, which change hands every second or so.

    Args:
        folder: where the feed is written.
        database_url: an empty database.
        n_rows: rows in the feed.
        n_streams: streams that poll it.
    """
    names = [f"shared-{number}" for number in range(n_streams)]
    engine = _prepare(folder, database_url, n_rows, "value_gap", names)
    begun = monotonic()
    hasty = {"run_for": 1.0, "max_streams": max(n_streams - 1, 1)}
    with (
        StreamProcess(database_url, **hasty) as first,
        StreamProcess(database_url, **hasty) as second,
    ):
        for name in names:
            _wait(lambda name=name: rows_seen(engine, name) >= n_rows, first, second)
        return _compare(engine, names, n_rows, 1, begun, first)


def _prepare(
    folder: Path, database_url: str, n_rows: int, algorithm: str, names: list[str]
) -> Engine:
    folder.mkdir(parents=True, exist_ok=True)
    feed = folder / "feed.csv"
    write_feed(feed, n_rows)
    engine = open_database(database_url)
    common = {"algorithm": algorithm, "every_seconds": 0.1}
    add_streams(engine, feed, names, page_limit=_SMALL_PAGE, **common)
    add_streams(engine, feed, ["undisturbed"], page_limit=_LARGE_PAGE, **common)
    with session_scope(engine) as session:
        stop_stream(session, get_stream(session, "undisturbed").id)
    return engine


def _compare(
    engine: Engine,
    names: list[str],
    n_rows: int,
    disturbances: int,
    begun: float,
    process: StreamProcess,
) -> Disturbed:
    """Let a process work on another stream without disturbance, and compare."""
    seconds = monotonic() - begun
    with session_scope(engine) as session:
        resume_stream(session, get_stream(session, "undisturbed").id)
    _wait(lambda: rows_seen(engine, "undisturbed") >= n_rows, process)
    expected = content(engine, "undisturbed")
    found = {name: content(engine, name) for name in names}
    engine.dispose()
    return Disturbed(
        rows=n_rows,
        disturbances=disturbances,
        alerts=len(expected["alerts"]),
        differences=[
            f"{kind} of {name}"
            for name in names
            for kind in expected
            if found[name][kind] != expected[kind]
        ],
        seconds=seconds,
    )


def _wait(condition: Callable[[], bool], *processes: StreamProcess) -> None:
    deadline = monotonic() + _PATIENCE_SECONDS
    while not condition():
        if monotonic() > deadline or not all(process.is_running for process in processes):
            raise RuntimeError("the stream does not get on: is its process alive?")
        sleep(0.002)


def locked_sqlite(path: Path, seconds: float) -> None:
    """Lock a SQLite database against all others for a while."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("BEGIN EXCLUSIVE")
        sleep(seconds)
        database.execute("ROLLBACK")


def stopped_postgres(server: PostgresServer, seconds: float) -> None:
    """Stop PostgreSQL as if the power had failed, and start it again after a while."""
    server.stop()
    sleep(seconds)
    server.restart()
