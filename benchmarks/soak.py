"""What takes long: does anything grow, is anything lost? ``python -m benchmarks.soak --help``."""

import argparse
import os
import resource
import sqlite3
import tempfile
import threading
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from benchmarks.environment import use_folder

if TYPE_CHECKING:
    from benchmarks.soak_streams import Disturbed

_SAMPLE_SECONDS = 0.5


@dataclass(frozen=True)
class ManySources:
    """What a batch of many tiny sources did.

    Attributes:
        finished: sources that succeeded.
        seconds: how long the batch took.
        growth: bytes by which Prefect's database grew, per source.
        memory: resident bytes of this process over the run, evenly spaced.
    """

    finished: int
    seconds: float
    growth: float
    memory: tuple[int, ...]


def run_many_sources(folder: Path, count: int) -> ManySources:
    """Run ``batch`` over ``count`` tiny CSV files, against the Prefect server that is there.

    Args:
        folder: where the files are written.
        count: how many.
    """
    from flows.batch import batch
    from models.queries.batch_progress import batch_progress
    from models.queries.sources import add_source
    from models.session import session_scope
    from models.tables.source import SourceDefinition
    from tasks.database import open_engine, utc_now

    path = folder / "tiny.csv"
    values = np.random.default_rng(0).normal(size=(60, 3))
    pd.DataFrame(values, columns=["a", "b", "c"]).to_csv(path, index=False)
    with session_scope(open_engine()) as session:
        for i in range(count):
            definition = SourceDefinition(f"tiny-{i:05}", "csv", {"path": str(path)})
            add_source(session, definition, utc_now())
    batch(sources=["tiny-00000"], source_reports=0)
    before = prefect_bytes()
    with MemorySamples() as memory:
        start = perf_counter()
        batch_id = batch(source_reports=0)
        seconds = perf_counter() - start
    with session_scope(open_engine(), writes=False) as session:
        finished = batch_progress(session, batch_id).success
    return ManySources(finished, seconds, (prefect_bytes() - before) / count, tuple(memory.samples))


class MemorySamples:
    """Samples the resident memory of this process while it is open."""

    def __init__(self) -> None:
        self.samples: list[int] = []
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample)

    def __enter__(self) -> "MemorySamples":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._done.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._done.wait(_SAMPLE_SECONDS):
            self.samples.append(_resident_bytes())
        self.samples.append(_resident_bytes())


def _resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def prefect_bytes() -> int:
    """Bytes in use in the database of the Prefect server; its write-ahead log comes and goes."""
    from prefect.settings import PREFECT_SERVER_DATABASE_CONNECTION_URL

    path = str(PREFECT_SERVER_DATABASE_CONNECTION_URL.value()).partition("///")[2]
    with closing(sqlite3.connect(path)) as database:
        figures = ("page_count", "freelist_count", "page_size")
        pages, free, size = (database.execute(f"PRAGMA {name}").fetchone()[0] for name in figures)
    return int((pages - free) * size)


def main() -> None:
    """Run everything in full and print its figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--sources", type=int, default=2000, help="tiny sources in one batch")
    parser.add_argument("--rows", type=int, default=50_000, help="rows of a stream that is killed")
    parser.add_argument("--kills", type=int, default=25, help="how often it is killed")
    parser.add_argument("--streams", type=int, default=50, help="streams polled every second")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long they are polled")
    parser.add_argument("--only", choices=["sources", "kills", "streams"], help="one part only")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        use_folder(folder)
        from prefect.settings import get_current_settings
        from prefect.testing.utilities import prefect_test_harness

        with prefect_test_harness(server_startup_timeout=120):
            os.environ["PREFECT_API_URL"] = str(get_current_settings().api.url)
            if arguments.only in {None, "streams"}:
                _soak_streams(folder, arguments.streams, arguments.minutes * 60)
            if arguments.only in {None, "kills"}:
                _soak_disturbances(folder, arguments.rows, arguments.kills)
            if arguments.only in {None, "sources"}:
                _soak_sources(folder, arguments.sources)


def _soak_sources(folder: Path, count: int) -> None:
    done = run_many_sources(folder, count)
    print(f"{done.finished} of {count} tiny sources in {done.seconds:.0f} s")
    print(f"Prefect's database grew by {done.growth / 1000:.1f} kB a source")
    _print_memory(done.memory)


def _soak_streams(folder: Path, count: int, seconds: float) -> None:
    from benchmarks.many_streams import run_many_streams

    done = run_many_streams(folder, count, seconds)
    print(
        f"{count} streams for {seconds:.0f} s: {done.rows} of {done.expected} rows read, "
        f"{done.alerts} alerts"
    )
    print(f"Prefect's database grew by {done.growth / 1e6:.2f} MB")
    _print_memory(done.memory)


def _soak_disturbances(folder: Path, n_rows: int, kills: int) -> None:
    from benchmarks.postgres_server import PostgresServer
    from benchmarks.soak_streams import (
        cut_off,
        kill_again_and_again,
        locked_sqlite,
        run_twice_at_once,
        stopped_postgres,
    )

    path = folder / "disturbed.db"
    sqlite = f"sqlite:///{path}"
    _print_disturbed("killed, SQLite", kill_again_and_again(folder / "1", sqlite, n_rows, kills))
    path.unlink()
    outage = partial(locked_sqlite, path, 40.0)
    _print_disturbed("locked, SQLite", cut_off(folder / "2", sqlite, n_rows, outage, 2))
    path.unlink()
    _print_disturbed("two runs, SQLite", run_twice_at_once(folder / "3", sqlite, n_rows, 3))
    for number, kind in enumerate(("killed", "stopped", "two runs")):
        with tempfile.TemporaryDirectory(prefix="vigil-postgres-") as name:
            server = PostgresServer(Path(name))
            server.start()
            place = folder / f"p{number}"
            if kind == "killed":
                done = kill_again_and_again(place, server.url, n_rows, kills)
            elif kind == "stopped":
                outage = partial(stopped_postgres, server, 20.0)
                done = cut_off(place, server.url, n_rows, outage, 2)
            else:
                done = run_twice_at_once(place, server.url, n_rows, 3)
            _print_disturbed(f"{kind}, PostgreSQL", done)
            server.stop()


def _print_disturbed(kind: str, done: "Disturbed") -> None:
    outcome = ", ".join(done.differences) or "nothing differs"
    print(
        f"{kind}, {done.disturbances} times in {done.rows} rows and {done.seconds:.0f} s, "
        f"{done.alerts} alerts: {outcome}",
        flush=True,
    )


def _print_memory(samples: tuple[int, ...]) -> None:
    tenth = max(len(samples) // 10, 1)
    for share in (1, 5, 9):
        print(f"resident after {share * 10} %: {samples[share * tenth - 1] / 2**20:.0f} MB")
    print(f"resident at the end: {samples[-1] / 2**20:.0f} MB", flush=True)


if __name__ == "__main__":
    main()
