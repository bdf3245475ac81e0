"""Why rows score as they do, from the fitted detector that scored them."""

from numpy.typing import ArrayLike

from detectors.base import Detector
from detectors.batch.isolation_forest import IsolationForest
from detectors.batch.statistical import Statistical
from detectors.explanation.coalitions import enumerate_contributions
from detectors.explanation.contributions import Contributions, Method
from detectors.explanation.forest import (
    MOST_FEATURES_FOR_SCORES,
    forest_path_contributions,
    forest_score_contributions,
    minus_mean_path,
)
from detectors.explanation.maximum import maximum_contributions
from detectors.explanation.permutations import sample_contributions
from detectors.per_column import PerColumnDetector
from detectors.validation import Matrix, check_matrix

_MOST_FEATURES_ENUMERATED = 8
# Where permutations are sampled: steadier than shap's kernel explainer with 100 coalitions of 100
# background rows, at a fourteenth of its evaluations (benchmarks/explanation.py).
_EVALUATIONS_PER_FEATURE = 70


def explain_rows(
    detector: Detector,
    X: ArrayLike,
    background: ArrayLike,
    seed: int = 0,
    max_evaluations: int | None = None,
) -> Contributions:
    """Share out the score of each row among its features: interventional Shapley values.

    A feature that is not in a coalition takes its values from the background, whatever the others
    are (Janzing et al. 2020). A row's contributions do not depend on the other rows of ``X``.

    Detectors that judge columns on their own, and the isolation forest, are exact for any number of
    features and ignore ``seed`` and ``max_evaluations``. Beyond 14 features what is explained of a
    forest is minus its mean path length, see ``Contributions.quantity``.

    Args:
        detector: fitted.
        X: rows to explain, shape (n_rows, n_features).
        background: what is normal, e.g. 100 training rows, shape (n_background, n_features).
        seed: of the permutations, where contributions are sampled.
        max_evaluations: mixed rows a detector may score for each row explained; contributions are
            exact where that is enough for all coalitions with the whole background. None: exact up
            to 8 features, 70 for each feature beyond.

    Raises:
        DetectorError: ``X`` or ``background`` does not fit the detector, or ``max_evaluations`` is
            too small for an answer.
    """
    rows = check_matrix(X, detector.n_features_in_)
    reference = check_matrix(background, detector.n_features_in_)
    values, method = _share_out(detector, rows, reference, seed, max_evaluations)
    # What no background row would change contributes nothing; a detector's batches may round.
    values[(reference == reference[0]).all(axis=0) & (rows == reference[0])] = 0.0
    if isinstance(detector, IsolationForest) and method == "forest paths":
        base = float(minus_mean_path(detector.forest_, reference).mean())
        explained = minus_mean_path(detector.forest_, rows)
        return Contributions(values, base, explained, "minus mean path length", method)
    base = float(detector.decision_function(reference).mean())
    return Contributions(values, base, detector.decision_function(rows), "score", method)


def _share_out(
    detector: Detector, X: Matrix, background: Matrix, seed: int, max_evaluations: int | None
) -> tuple[Matrix, Method]:
    """Return contributions, shape of ``X``, by the method that suits the detector."""
    n_features = X.shape[1]
    match detector:
        case PerColumnDetector():
            terms = detector.terms(X) - detector.terms(background).mean(axis=0)
            return terms, "sum of column terms"
        case Statistical():
            maxima = maximum_contributions(detector.terms(X), detector.terms(background))
            return maxima, "largest column term"
        case IsolationForest() if n_features <= MOST_FEATURES_FOR_SCORES:
            scores = forest_score_contributions(detector.forest_, X, background)
            return scores, "forest scores"
        case IsolationForest():
            paths = forest_path_contributions(detector.forest_, X, background)
            return paths, "forest paths"
    score = detector.decision_function
    if _can_enumerate(n_features, len(background), max_evaluations):
        return enumerate_contributions(score, X, background), "all coalitions"
    most = n_features * _EVALUATIONS_PER_FEATURE if max_evaluations is None else max_evaluations
    return sample_contributions(score, X, background, most, seed), "sampled permutations"


def _can_enumerate(n_features: int, n_background: int, max_evaluations: int | None) -> bool:
    if max_evaluations is None:
        return n_features <= _MOST_FEATURES_ENUMERATED
    return (2**n_features - 2) * n_background <= max_evaluations
