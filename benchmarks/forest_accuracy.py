"""Whether the compiled isolation forest ranks as well as scikit-learn's."""

import numpy as np
import pandas as pd
from sklearn.ensemble import IsolationForest as Peer
from sklearn.metrics import roc_auc_score

from benchmarks.labelled_tables import labelled_tables
from benchmarks.options import Options
from detectors.batch.isolation_forest import IsolationForest
from detectors.validation import Matrix, Vector

_N_TREES = 300


def forest_accuracy(options: Options) -> pd.DataFrame:
    """AUROC on labelled tables with 300 trees: mean over seeds, and the spread of one seed."""
    seeds = range(3 if options.quick else 10)
    rows: list[dict[str, object]] = []
    for name, X, truth in labelled_tables(options.tables):
        ours = np.array([roc_auc_score(truth, _ours(X, seed)) for seed in seeds])
        theirs = np.array([roc_auc_score(truth, _theirs(X, seed)) for seed in seeds])
        rows.append(
            {
                "table": name,
                "vigil, seed 0": ours[0],
                "vigil": ours.mean(),
                "scikit-learn": theirs.mean(),
                "vigil sd": ours.std(),
                "scikit-learn sd": theirs.std(),
            }
        )
    frame = pd.DataFrame(rows)
    mean = pd.DataFrame([{"table": "mean", **frame.drop(columns="table").mean()}])
    return pd.concat([frame, mean]).round(3)


def _ours(X: Matrix, seed: int) -> Vector:
    return IsolationForest(_N_TREES, seed=seed).fit(X).decision_scores_


def _theirs(X: Matrix, seed: int) -> Vector:
    forest = Peer(n_estimators=_N_TREES, random_state=seed).fit(X)
    scores: Vector = -forest.score_samples(X)
    return scores
