"""The compiled isolation forest against scikit-learn's."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pandas as pd
from sklearn.ensemble import IsolationForest as Peer

from benchmarks.options import Options
from benchmarks.timing import best_seconds
from detectors.batch.isolation_forest import IsolationForest
from detectors.validation import Matrix, Vector

_N_TREES = 300


def isolation_forest(options: Options) -> pd.DataFrame:
    """Seconds to fit and score with 300 trees and 256 rows each, and equality over threads."""
    rng = np.random.default_rng(0)
    n_tables = 2 if options.quick else 8
    tables = [rng.normal(size=(5_000, 10)) for _ in range(n_tables)]
    _ours(tables[0])  # compiled, or loaded, before the clock runs
    repeats = 3 if options.quick else 7
    rows = [_compare("5,000 x 10", 1, tables[:1], repeats)]
    rows += [_compare(f"{n_tables} times 5,000 x 10", n, tables, repeats // 3) for n in (1, 4)]
    if not options.quick:
        rows.append(_compare("1,000,000 x 10", 1, [rng.normal(size=(1_000_000, 10))], 1))
    return pd.DataFrame(rows)


def _compare(name: str, n_threads: int, tables: list[Matrix], repeats: int) -> dict[str, object]:
    ours = best_seconds(partial(_map, _ours, tables, n_threads), repeats)
    theirs = best_seconds(partial(_map, _theirs, tables, n_threads), repeats)
    together, alone = _map(_ours, tables, n_threads), _map(_ours, tables, 1)
    return {
        "tables": name,
        "threads": n_threads,
        "vigil s": round(ours, 4),
        "scikit-learn s": round(theirs, 4),
        "times as fast": round(theirs / ours, 1),
        "same as on 1 thread": all(map(np.array_equal, together, alone)),
    }


def _map(score: Callable[[Matrix], Vector], tables: list[Matrix], n_threads: int) -> list[Vector]:
    with ThreadPoolExecutor(n_threads) as pool:
        return list(pool.map(score, tables))


def _ours(X: Matrix) -> Vector:
    return IsolationForest(_N_TREES).fit(X).decision_scores_


def _theirs(X: Matrix) -> Vector:
    scores: Vector = -Peer(n_estimators=_N_TREES, random_state=0).fit(X).score_samples(X)
    return scores
