"""What takes long and shows whether anything grows: ``python -m benchmarks.soak [--sources N]``."""

import argparse
import resource
import sqlite3
import tempfile
import threading
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

from benchmarks.environment import use_folder

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
    before = _prefect_bytes()
    with _MemorySamples() as memory:
        start = perf_counter()
        batch_id = batch(source_reports=0)
        seconds = perf_counter() - start
    with session_scope(open_engine(), writes=False) as session:
        finished = batch_progress(session, batch_id).success
    return ManySources(
        finished, seconds, (_prefect_bytes() - before) / count, tuple(memory.samples)
    )


class _MemorySamples:
    """Samples the resident memory of this process while it is open."""

    def __init__(self) -> None:
        self.samples: list[int] = []
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample)

    def __enter__(self) -> "_MemorySamples":
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


def _prefect_bytes() -> int:
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
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        use_folder(folder)
        from prefect.testing.utilities import prefect_test_harness

        with prefect_test_harness(server_startup_timeout=120):
            done = run_many_sources(folder, arguments.sources)
    tenth = max(len(done.memory) // 10, 1)
    print(f"{done.finished} of {arguments.sources} tiny sources in {done.seconds:.0f} s")
    print(f"Prefect's database grew by {done.growth / 1000:.1f} kB a source")
    for share in (1, 5, 9):
        print(f"resident after {share * 10} %: {done.memory[share * tenth - 1] / 2**20:.0f} MB")
    print(f"resident at the end: {done.memory[-1] / 2**20:.0f} MB")


if __name__ == "__main__":
    main()
