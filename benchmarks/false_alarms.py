"""How many clean rows the default threshold labels."""

import pandas as pd
from threadpoolctl import threadpool_limits

from benchmarks.options import Options
from detectors.registry import algorithms, build_detector
from detectors.threshold import FalseAlarm, decide_threshold
from detectors.validation import Matrix
from tests.detectors.clean_shapes import (
    clean_shapes,
    discrete_shapes,
    heavy_shapes,
    sparse_shapes,
)


def false_alarms(options: Options) -> pd.DataFrame:
    """Percent of 1,000 clean rows labelled at rate .01, mean of three seeds; --quick: of one."""
    seeds, n_rows = range(1 if options.quick else 3), 1_000
    names = [info.name for info in algorithms()]
    rows: list[dict[str, object]] = []
    with threadpool_limits(1):
        tables = [_tables(n_rows, seed) for seed in seeds]
        for shape in tables[0]:
            percent = {
                name: sum(_labelled(name, tables[seed][shape], seed) for seed in seeds) / len(seeds)
                for name in names
            }
            rows.append({"shape": shape, **{name: round(p, 1) for name, p in percent.items()}})
    return pd.DataFrame(rows)


def _tables(n_rows: int, seed: int) -> dict[str, Matrix]:
    shapes = (clean_shapes, discrete_shapes, sparse_shapes, heavy_shapes)
    return {name: X for of in shapes for name, X in of(n_rows, seed).items()}


def _labelled(algorithm: str, X: Matrix, seed: int) -> float:
    detector = build_detector(algorithm, seed).fit(X)
    scores = detector.decision_scores_
    decision = decide_threshold(FalseAlarm(rate=0.01), detector, X, scores, seed)
    return 100 * float(decision.labels(scores).mean())
