"""How many clean rows the default threshold labels."""

import pandas as pd
from threadpoolctl import threadpool_limits

from benchmarks.options import Options
from detectors.registry import algorithms, build_detector
from detectors.threshold import FalseAlarm, decide_threshold
from detectors.validation import Matrix
from tests.detectors.clean_shapes import clean_shapes


def false_alarms(options: Options) -> pd.DataFrame:
    """Percent of 5,000 clean rows labelled at rate .01, three seeds; with --quick 1,000 and one."""
    seeds, n_rows = (range(1), 1_000) if options.quick else (range(3), 5_000)
    rows: list[dict[str, object]] = []
    with threadpool_limits(1):
        for algorithm in [info.name for info in algorithms()]:
            percent = pd.DataFrame(_percent(algorithm, n_rows, seed) for seed in seeds)
            largest = round(float(percent.to_numpy().max()), 2)
            rows.append({"algorithm": algorithm, **percent.mean().round(2), "largest": largest})
    return pd.DataFrame(rows)


def _percent(algorithm: str, n_rows: int, seed: int) -> dict[str, float]:
    shapes = clean_shapes(n_rows, seed)
    return {name: 100 * _labelled(algorithm, X, seed) for name, X in shapes.items()}


def _labelled(algorithm: str, X: Matrix, seed: int) -> float:
    detector = build_detector(algorithm, seed).fit(X)
    scores = detector.decision_scores_
    decision = decide_threshold(FalseAlarm(rate=0.01), detector, X, scores, seed)
    return float(decision.labels(scores).mean())
