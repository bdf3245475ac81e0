"""How long every list and show takes after years of use."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter

import pandas as pd
from sqlalchemy import Engine

from benchmarks.options import Options
from benchmarks.postgres_server import PostgresServer
from benchmarks.readings import Reading, readings
from benchmarks.years import Years, fill
from models.schema import open_database
from models.session import session_scope

_TIMES = 5


def history(options: Options) -> pd.DataFrame:
    """Milliseconds of every query that lists or shows, its slowest page or filter, after years."""
    years = Years().shrunk(100) if options.quick else Years()
    frames = []
    for name, database in (("sqlite", _sqlite), ("postgres", _postgres)):
        with database() as url:
            engine = open_database(url)
            fill(engine, years)
            frames.append(measure(engine).add_prefix(f"{name} "))
            engine.dispose()
    return pd.concat(frames, axis=1).reset_index()


def measure(engine: Engine) -> pd.DataFrame:
    """Return the slowest variant of every query: its name, and the median of a few runs in ms."""
    with session_scope(engine, writes=False) as session:
        found = list(readings(session))
    times = pd.DataFrame(
        [(one.query, one.variant, _milliseconds(engine, one)) for one in found],
        columns=["query", "slowest", "ms"],
    )
    slowest = times.loc[times.groupby("query")["ms"].idxmax()]
    return slowest.set_index("query")[["ms", "slowest"]]


def _milliseconds(engine: Engine, reading: Reading) -> float:
    seconds = []
    for _ in range(_TIMES):
        with session_scope(engine, writes=False) as session:
            session.connection()  # a new connection is not what is measured
            start = perf_counter()
            reading.run(session)
            seconds.append(perf_counter() - start)
    return round(1000 * median(seconds), 1)


@contextmanager
def _sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="vigil-history-") as folder:
        yield f"sqlite:///{folder}/vigil.db"


@contextmanager
def _postgres() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="vigil-history-") as folder:
        server = PostgresServer(Path(folder))
        server.start()
        try:
            yield server.url
        finally:
            server.stop()
