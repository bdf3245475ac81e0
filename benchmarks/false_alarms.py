"""How many clean rows the default threshold labels, and how many anomalies it finds."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import f1_score
from threadpoolctl import threadpool_limits

from benchmarks.labelled_tables import labelled_tables
from benchmarks.options import Options
from detectors.registry import algorithms, build_detector
from detectors.threshold import FalseAlarm, decide_threshold
from detectors.validation import Matrix
from tests.detectors.clean_shapes import clean_shapes


def false_alarms(options: Options) -> pd.DataFrame:
    """Percent of clean rows labelled at rate .01, and mean F1 on labelled tables."""
    seeds = range(1 if options.quick else 3)
    rows: list[dict[str, object]] = []
    with threadpool_limits(1):
        for algorithm in [info.name for info in algorithms()]:
            labelled = [_clean(algorithm, seed) for seed in seeds]
            percent = pd.DataFrame(labelled).mul(100)
            rows.append(
                {
                    "algorithm": algorithm,
                    **percent.mean().round(2),
                    "largest": round(float(percent.to_numpy().max()), 2),
                    "mean F1": round(_mean_f1(algorithm, options), 3),
                }
            )
    return pd.DataFrame(rows)


def _clean(algorithm: str, seed: int) -> dict[str, float]:
    shapes = clean_shapes(5_000, seed)
    return {name: float(_labels(algorithm, X, seed).mean()) for name, X in shapes.items()}


def _mean_f1(algorithm: str, options: Options) -> float:
    tables = labelled_tables(options.tables)
    return float(np.mean([f1_score(truth, _labels(algorithm, X, 0)) for _, X, truth in tables]))


def _labels(algorithm: str, X: Matrix, seed: int) -> NDArray[np.bool_]:
    policy = FalseAlarm(rate=0.01)
    detector = build_detector(algorithm, seed).fit(X)
    decision = decide_threshold(policy, detector, X, detector.decision_scores_, seed)
    return decision.labels(detector.decision_scores_)
