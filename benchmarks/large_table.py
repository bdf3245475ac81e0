"""A Parquet file through the flow ``detect``, against reading it and scikit-learn alone."""

import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

from benchmarks.environment import use_server
from benchmarks.options import Options
from benchmarks.whole_process import detect_file, in_process

_COLUMNS = [f"x{i}" for i in range(10)]


def large_table(options: Options) -> pd.DataFrame:
    """Seconds and peak memory of whole processes, 300 trees of 256 rows, starting up apart."""
    n_rows = 100_000 if options.quick else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        use_server(Path(folder))
        path = Path(folder) / "large.parquet"
        values = np.random.default_rng(0).normal(size=(n_rows, len(_COLUMNS)))
        pd.DataFrame(values, columns=_COLUMNS).to_parquet(path)
        del values
        ours = in_process(detect_file, path)
        theirs = in_process(_theirs, path)
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


def _theirs(path: Path) -> float:
    from sklearn.ensemble import IsolationForest

    start = perf_counter()
    X = pd.read_parquet(path).to_numpy()
    IsolationForest(n_estimators=300, random_state=0).fit(X).score_samples(X)
    return perf_counter() - start
