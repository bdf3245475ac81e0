"""Contributions of features to scores, against shap's own explainers."""

import warnings
from functools import partial
from time import perf_counter

import numpy as np
import pandas as pd
from scipy.stats import spearmanr
from sklearn.ensemble import IsolationForest as Peer
from threadpoolctl import threadpool_limits

from benchmarks.options import Options
from benchmarks.timing import best_seconds
from detectors.explanation.coalitions import enumerate_contributions
from detectors.explanation.explain import explain_rows
from detectors.registry import build_detector
from detectors.validation import Matrix

_N_FEATURES = 10
_BACKGROUND_ROWS = 100
_COALITIONS = 100


def explanation(options: Options) -> pd.DataFrame:
    """Seconds for rows of 10 features, 10,000 training rows (quick: 2,000), background 100.

    isolation_forest beside shap.TreeExplainer on scikit-learn's forest, both exact; the others
    beside shap.KernelExplainer with 100 coalitions, rank correlation with exact values beside both.
    """
    X, rows, background = _table(2_000 if options.quick else 10_000)
    n_rows, n_graded = (10, 1) if options.quick else (100, 10)
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)  # shap's, of Matplotlib
        names = ("knn",) if options.quick else ("one_class_svm", "knn", "lof")
        results = [_forests(X, rows[:n_rows], background)]
        results += [_sampled(name, X, rows[:n_rows], background, n_graded) for name in names]
    return pd.DataFrame(results)


def _table(n_rows: int) -> tuple[Matrix, Matrix, Matrix]:
    """Related columns; rows to explain are drawn alike, then moved in about three columns."""
    rng = np.random.default_rng(0)
    relation = np.eye(_N_FEATURES) + rng.normal(scale=0.4, size=(_N_FEATURES, _N_FEATURES))
    X = rng.normal(size=(n_rows, _N_FEATURES)) @ relation
    moved = rng.random((100, _N_FEATURES)) < 0.3
    rows = X[:100] + rng.normal(scale=3, size=moved.shape) * moved
    return X, rows, X[-_BACKGROUND_ROWS:]


def _forests(X: Matrix, rows: Matrix, background: Matrix) -> dict[str, object]:
    import shap

    detector = build_detector("isolation_forest").fit(X)
    peer = Peer(n_estimators=300, max_samples=256, random_state=0).fit(X)
    explain_rows(detector, rows[:1], background)  # compiled, or loaded, before the clock runs
    ours = best_seconds(partial(explain_rows, detector, rows, background), 3)
    explainer = shap.TreeExplainer(peer, background)
    theirs = best_seconds(partial(explainer.shap_values, rows, check_additivity=False), 1)
    return {
        "algorithm": "isolation_forest",
        "rows": len(rows),
        **_times(ours, theirs, "TreeExplainer"),
        "vigil rank corr.": 1.0,
        "shap rank corr.": 1.0,
    }


def _sampled(
    algorithm: str, X: Matrix, rows: Matrix, background: Matrix, n_graded: int
) -> dict[str, object]:
    """Measure one algorithm; exact contributions take 102,200 scores for each row graded."""
    import shap

    detector = build_detector(algorithm).fit(X)
    start = perf_counter()
    ours = explain_rows(detector, rows, background).values
    middle = perf_counter()
    explainer = shap.KernelExplainer(detector.decision_function, background, seed=0)
    theirs = explainer.shap_values(rows, nsamples=_COALITIONS, silent=True)
    stop = perf_counter()
    exact = enumerate_contributions(detector.decision_function, rows[:n_graded], background)
    return {
        "algorithm": algorithm,
        "rows": len(rows),
        **_times(middle - start, stop - middle, "KernelExplainer"),
        "vigil rank corr.": _rank_correlation(ours, exact),
        "shap rank corr.": _rank_correlation(theirs, exact),
    }


def _times(ours: float, theirs: float, peer: str) -> dict[str, object]:
    return {
        "vigil s": round(ours, 2),
        "peer": peer,
        "peer s": round(theirs, 2),
        "times as fast": round(theirs / ours, 1),
    }


def _rank_correlation(values: Matrix, exact: Matrix) -> float:
    """Mean over rows of the rank correlation with exact contributions."""
    pairs = zip(values, exact, strict=False)
    return round(float(np.mean([spearmanr(*pair).statistic for pair in pairs])), 3)
