"""Many CSV files through the flow ``batch``, against a loop around PyOD, plain and with joblib."""

import sqlite3
import tempfile
from collections import Counter
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

from benchmarks.environment import use_server
from benchmarks.options import Options

_COLUMNS = [f"x{i}" for i in range(10)]
_BROKEN = 5


def batch(options: Options) -> pd.DataFrame:
    """Seconds from start to persisted results, 5,000 x 10 rows a source, 300 trees, two at once."""
    n_sources = 11 if options.quick else 200
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        paths = _write_tables(home, n_sources - _BROKEN)
        ours, charts, outcome = _ours(home, paths)
        plain = _plain_loop(home, paths)
        joblib = _joblib_loop(home, paths)
    rows = [
        ("vigil", ours, outcome),
        ("plain loop around pyod", plain, "no broken source"),
        ("the same under joblib, 2 processes", joblib, "no broken source"),
    ]
    return pd.DataFrame(
        [
            {
                "who": who,
                "s": round(seconds, 2),
                "vigil / it": round(ours / seconds, 3),
                "result": result,
            }
            for who, seconds, result in rows
        ]
        + [{"who": "vigil, its reports afterwards", "s": round(charts, 2), "result": ""}]
    )


def _write_tables(home: Path, count: int) -> list[Path]:
    paths = []
    for i in range(count):
        values = np.random.default_rng(i).normal(size=(5_000, len(_COLUMNS)))
        paths.append(home / f"table-{i:03}.csv")
        pd.DataFrame(values, columns=_COLUMNS).to_csv(paths[-1], index=False)
    return paths


def _write_broken(home: Path) -> dict[str, Path]:
    """Return five sources that fail in five ways."""
    contents = {
        "empty": b"",
        "ragged": b"a,b\n1,2\n1,2,3\n",
        "binary": bytes(range(256)) * 20,
        "constant": b"a,b\n" + b"1,2\n" * 50,
    }
    paths = {"gone": home / "gone.csv"}
    for name, content in contents.items():
        paths[name] = home / f"{name}.csv"
        paths[name].write_bytes(content)
    return paths


def _ours(home: Path, paths: list[Path]) -> tuple[float, float, str]:
    use_server(home)
    from flows.batch import batch as batch_flow
    from models.queries.batches import get_batch, list_batch_results
    from models.queries.sources import add_source
    from models.session import session_scope
    from models.tables.source import SourceDefinition
    from tasks.database import open_engine, utc_now

    sources = {path.stem: path for path in paths} | _write_broken(home)
    with session_scope(open_engine()) as session:
        for name, path in sources.items():
            add_source(session, SourceDefinition(name, "csv", {"path": str(path)}), utc_now())
    # Imports, compiled kernels, the first connection.
    batch_flow(sources=[paths[0].stem], max_workers=2, source_reports=0)
    begun, start = utc_now(), perf_counter()
    batch_id = batch_flow(max_workers=2)
    total = perf_counter() - start
    with session_scope(open_engine(), writes=False) as session:
        found = get_batch(session, batch_id)
        results = list_batch_results(session, batch_id, limit=len(sources)).items
    assert found.completed_at is not None
    persisted = (found.completed_at - begun).total_seconds()
    counts = Counter(result.status.value for result in results)
    messages = len({result.error_message for result in results if result.error_message})
    outcome = f"{found.status}: {counts['success']} results, {messages} different errors"
    return persisted, total - persisted, outcome


def _score(path: Path) -> pd.DataFrame:
    from pyod.models.iforest import IForest

    frame = pd.read_csv(path)
    model = IForest(n_estimators=300, contamination=0.01, random_state=0).fit(frame.to_numpy())
    return frame.assign(score=model.decision_scores_, source=path.stem)[model.labels_ == 1]


def _plain_loop(home: Path, paths: list[Path]) -> float:
    _score(paths[0])
    start = perf_counter()
    with sqlite3.connect(home / "plain.db") as database:
        for path in paths:
            _score(path).to_sql("anomaly", database, if_exists="append")
    return perf_counter() - start


def _joblib_loop(home: Path, paths: list[Path]) -> float:
    from joblib import Parallel, delayed

    with Parallel(n_jobs=2) as parallel:
        parallel(delayed(_score)(path) for path in paths[:2])
        start = perf_counter()
        with sqlite3.connect(home / "joblib.db") as database:
            for flagged in parallel(delayed(_score)(path) for path in paths):
                flagged.to_sql("anomaly", database, if_exists="append")
        return perf_counter() - start
