"""How well scores and labels agree with the truth, where the truth is known."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.validation import Vector


@dataclass(frozen=True)
class Grades:
    """Ranking quality against ground truth.

    Attributes:
        auroc: area under the ROC curve; .5 is chance.
        average_precision: area under precision over recall; the share of anomalies is chance.
    """

    auroc: float
    average_precision: float


def grade(scores: Vector, labels: Vector, counts: NDArray[np.int64] | None = None) -> Grades | None:
    """Grade ``scores`` by ``labels`` (1, 0, NaN for unknown), both of shape (n_rows,).

    Args:
        scores: decision scores.
        labels: ground truth.
        counts: how many rows each of them stands for, shape (n_rows,); one when omitted.

    Returns:
        The grades, or None when the known labels are all of one kind.
    """
    from sklearn.metrics import average_precision_score, roc_auc_score

    known = labels == labels
    truth, known_scores = labels[known], scores[known]
    if not truth.size or truth.min() == truth.max():
        return None
    weights = None if counts is None else counts[known]
    return Grades(
        float(roc_auc_score(truth, known_scores, sample_weight=weights)),
        float(average_precision_score(truth, known_scores, sample_weight=weights)),
    )
