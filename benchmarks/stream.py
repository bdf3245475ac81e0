"""A backlog through the flow ``stream``, from a file to committed alerts, and a loop with river."""

import csv
import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

from benchmarks.environment import use_server
from benchmarks.options import Options

_ALGORITHMS = ("value_gap", "rolling_zscore", "ewma")
_ROWS_A_COMMIT = 10_000


def stream(options: Options) -> pd.DataFrame:
    """Rows a second of one column, with a time and a key: polled, scored, alerts committed."""
    n_rows, algorithms = (40_000, _ALGORITHMS[:1]) if options.quick else (400_000, _ALGORITHMS)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        feed = home / "feed.csv"
        _write_feed(feed, n_rows)
        ours = _ours(home, feed, n_rows, algorithms)
        rivers = _river(home, feed, n_rows // 4)
    rows = [(f"vigil, {name}", seconds, alerts, n_rows) for name, (seconds, alerts) in ours.items()]
    rows.append(("river StandardAbsoluteDeviation, SQLite", *rivers, n_rows // 4))
    return pd.DataFrame(
        [
            {
                "who": who,
                "rows": count,
                "alerts": alerts,
                "rows/s": round(count / seconds),
                "it / river": round(count / seconds / (n_rows // 4 / rivers[0]), 1),
            }
            for who, seconds, alerts, count in rows
        ]
    )


def _write_feed(path: Path, n_rows: int) -> None:
    random = np.random.default_rng(0)
    values = random.normal(size=n_rows)
    values[random.integers(0, n_rows, n_rows // 2000)] += 40
    times = pd.date_range("2026-01-01", periods=n_rows, freq="min")
    frame = pd.DataFrame({"id": range(n_rows), "time": times, "value": values})
    frame.to_csv(path, index=False)


def _ours(
    home: Path, feed: Path, n_rows: int, algorithms: Sequence[str]
) -> dict[str, tuple[float, int]]:
    use_server(home)
    from benchmarks.stream_feed import add_streams
    from flows.stream import stream as flow
    from models.queries.points import find_checkpoint
    from models.queries.streams import get_stream
    from models.session import session_scope
    from tasks.database import open_engine, utc_now

    results = {}
    for algorithm in algorithms:
        names = [f"{algorithm.replace('_', '-')}-{number}" for number in range(2)]
        for name in names:  # the first one loads libraries and kernels
            add_streams(open_engine(), feed, [name], algorithm=algorithm, columns=["value"])
            begun = utc_now()
            flow([name], run_for=1 if name == names[0] else n_rows / 20_000)
        with session_scope(open_engine(), writes=False) as session:
            checkpoint = find_checkpoint(session, get_stream(session, names[1]).id)
        assert checkpoint is not None
        assert checkpoint.rows_seen == n_rows
        seconds = (checkpoint.updated_at - begun).total_seconds()
        results[algorithm] = (seconds, checkpoint.alerts)
    return results


def _river(home: Path, feed: Path, n_rows: int) -> tuple[float, int]:
    from river.anomaly import StandardAbsoluteDeviation

    detector = StandardAbsoluteDeviation()
    found = 0
    with sqlite3.connect(home / "river.db") as database, feed.open() as file:
        database.execute("CREATE TABLE alert (id TEXT PRIMARY KEY, score REAL)")
        start = perf_counter()
        for number, row in enumerate(csv.DictReader(file)):
            if number == n_rows:
                break
            value = float(row["value"])
            score = detector.score_one(None, value)
            detector.learn_one(None, value)
            if score > 4:
                found += 1
                database.execute("INSERT INTO alert VALUES (?, ?)", (row["id"], score))
            if number % _ROWS_A_COMMIT == 0:
                database.commit()
        database.commit()
        return perf_counter() - start, found
