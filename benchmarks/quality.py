"""How well and how fast every detector ranks, with its defaults."""

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score
from threadpoolctl import threadpool_limits

from benchmarks.labelled_tables import labelled_tables
from benchmarks.options import Options
from benchmarks.timing import best_seconds
from detectors.registry import algorithms, build_detector
from detectors.threshold import FalseAlarm, decide_threshold


def quality(options: Options) -> pd.DataFrame:
    """Means over labelled tables, F1 at false-alarm rate .01; seconds on 5,000 x 10, one thread.

    With --quick, seconds are on 1,000 x 10.
    """
    with threadpool_limits(1):
        return pd.DataFrame(
            {
                "algorithm": info.name,
                **_grades(info.name, options),
                **_seconds(info.name, *(1_000, 1) if options.quick else (5_000, 5)),
            }
            for info in algorithms()
        )


def _grades(algorithm: str, options: Options) -> dict[str, float]:
    grades = []
    for _, X, truth in labelled_tables(options.tables):
        detector = build_detector(algorithm).fit(X)
        scores = detector.decision_scores_
        labels = decide_threshold(FalseAlarm(), detector, X, scores, seed=0).labels(scores)
        grades.append(
            {
                "AUROC": roc_auc_score(truth, scores),
                "AP": average_precision_score(truth, scores),
                "F1": f1_score(truth, labels),
            }
        )
    return dict(pd.DataFrame(grades).mean().round(3))


def _seconds(algorithm: str, n_rows: int, repeats: int) -> dict[str, float]:
    X = np.random.default_rng(0).normal(size=(n_rows, 10))
    detector = build_detector(algorithm).fit(X)
    return {
        "fit s": round(best_seconds(lambda: detector.fit(X), repeats), 3),
        "score s": round(best_seconds(lambda: detector.decision_function(X), repeats), 3),
    }
