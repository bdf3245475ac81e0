"""A Parquet file through the flow ``detect``, against reading it and scikit-learn alone."""

import json
import multiprocessing
import resource
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

from benchmarks.environment import use_folder
from benchmarks.options import Options

_COLUMNS = [f"x{i}" for i in range(10)]


def large_table(options: Options) -> pd.DataFrame:
    """Seconds and peak memory of whole processes, 300 trees of 256 rows, starting up apart."""
    n_rows = 100_000 if options.quick else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.parquet"
        values = np.random.default_rng(0).normal(size=(n_rows, len(_COLUMNS)))
        pd.DataFrame(values, columns=_COLUMNS).to_parquet(path)
        del values
        ours = _in_process(_ours, path)
        theirs = _in_process(_theirs, path)
    return pd.DataFrame(
        [
            {
                "rows": f"{n_rows:,}",
                "who": who,
                "s": round(seconds, 2),
                "peak MB": round(peak / 2**20),
                "ratio": round(seconds / theirs[0], 3),
            }
            for who, (seconds, peak) in (("vigil", ours), ("pandas and scikit-learn", theirs))
        ]
    )


def _in_process(work: Callable[[Path], float], path: Path) -> tuple[float, int]:
    """Return the seconds ``work`` measured, and the peak memory of its process in bytes."""
    context = multiprocessing.get_context("spawn")
    results = context.SimpleQueue()
    process = context.Process(target=_measure, args=(work, path, results))
    process.start()
    process.join()
    if process.exitcode:
        raise RuntimeError(f"the process ended with exit code {process.exitcode}")
    seconds, peak = json.loads(results.get())
    return seconds, peak


def _measure(work: Callable[[Path], float], path: Path, results) -> None:  # type: ignore[no-untyped-def]
    seconds = work(path)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    results.put(json.dumps([seconds, peak]))


def _ours(path: Path) -> float:
    use_folder(path.parent)
    from prefect.testing.utilities import prefect_test_harness

    from flows.detect import detect
    from models.queries.sources import add_source
    from models.session import session_scope
    from models.tables.source import SourceDefinition
    from tasks.database import open_engine, utc_now

    small = path.with_name("small.parquet")
    pd.read_parquet(path).head(1000).to_parquet(small)
    with prefect_test_harness(server_startup_timeout=120):
        with session_scope(open_engine()) as session:
            for name, file in (("small", small), ("large", path)):
                definition = SourceDefinition(name, "parquet", {"path": str(file)})
                add_source(session, definition, utc_now())
        detect("small")  # imports, compiled kernels, the first connection
        start = perf_counter()
        detect("large")
        return perf_counter() - start


def _theirs(path: Path) -> float:
    from sklearn.ensemble import IsolationForest

    start = perf_counter()
    X = pd.read_parquet(path).to_numpy()
    IsolationForest(n_estimators=300, random_state=0).fit(X).score_samples(X)
    return perf_counter() - start
