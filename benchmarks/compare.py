"""Several detectors on one file through the flow ``compare``, against a loop around PyOD."""

import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.environment import use_server
from benchmarks.options import Options

_ALGORITHMS = ("isolation_forest", "lof", "knn", "ecod", "hbos", "gmm")
_SHARE = 0.01
_COLUMNS = [f"x{i}" for i in range(10)]


def compare(options: Options) -> pd.DataFrame:
    """Seconds from start to persisted agreement of six detectors on rows of 10 columns.

    Loop and flow flag 1 % of the rows; then the flow's default threshold, which PyOD has not.
    """
    n_rows = 2_000 if options.quick else 20_000
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        path = home / "table.csv"
        values = np.random.default_rng(0).normal(size=(n_rows, len(_COLUMNS)))
        pd.DataFrame(values, columns=_COLUMNS).to_csv(path, index=False)
        plain = _plain_loop(home, path)
        ours = list(_ours(home, path))
    rows = [*ours, ("plain loop around pyod", plain)]
    return pd.DataFrame(
        [
            {"who": who, "rows": n_rows, "s": round(s, 2), "it / plain loop": round(s / plain, 2)}
            for who, s in rows
        ]
    )


def _ours(home: Path, path: Path) -> Iterator[tuple[str, float]]:
    use_server(home)
    from detectors.registry import parse_config
    from detectors.threshold import Contamination, FalseAlarm
    from flows.compare import compare as compare_flow
    from models.queries.comparisons import get_comparison
    from models.queries.sources import add_source
    from models.session import session_scope
    from models.tables.source import SourceDefinition
    from tasks.database import open_engine, utc_now

    detectors = [parse_config(algorithm) for algorithm in _ALGORITHMS]
    with session_scope(open_engine()) as session:
        add_source(session, SourceDefinition("table", "csv", {"path": str(path)}), utc_now())
    compare_flow("table", detectors, sample_size=1_000)  # imports, kernels, the first connection
    for name, threshold in (
        ("vigil, the same 1 %", Contamination(share=_SHARE)),
        ("vigil, threshold by false alarms", FalseAlarm()),
    ):
        begun, start = utc_now(), perf_counter()
        comparison_id = compare_flow("table", detectors, threshold=threshold)
        total = perf_counter() - start
        with session_scope(open_engine(), writes=False) as session:
            completed_at = get_comparison(session, comparison_id).completed_at
        assert completed_at is not None
        yield name, (completed_at - begun).total_seconds()
    yield "the latter with its charts", total


def _plain_loop(home: Path, path: Path) -> float:
    """Fit one after the other, count who flags a row, and write the flagged rows."""
    from pyod.models.hbos import HBOS

    HBOS().fit(np.random.default_rng(1).normal(size=(100, len(_COLUMNS))))  # compiles
    models = _pyod_models()
    start = perf_counter()
    frame = pd.read_csv(path)
    X = frame.to_numpy()
    with sqlite3.connect(home / "plain.db") as database:
        flagged = np.column_stack([model.fit(X).labels_ for model in models])
        counted = frame.assign(detectors=flagged.sum(axis=1))
        counted[counted["detectors"] > 0].to_sql("agreement", database)
    return perf_counter() - start


def _pyod_models() -> list[Any]:
    from pyod.models.ecod import ECOD
    from pyod.models.gmm import GMM
    from pyod.models.hbos import HBOS
    from pyod.models.iforest import IForest
    from pyod.models.knn import KNN
    from pyod.models.lof import LOF

    return [
        IForest(n_estimators=300, contamination=_SHARE, random_state=0),
        LOF(n_neighbors=20, contamination=_SHARE),
        KNN(n_neighbors=20, contamination=_SHARE),
        ECOD(contamination=_SHARE),
        HBOS(contamination=_SHARE),
        GMM(n_components=3, contamination=_SHARE, random_state=0),
    ]
