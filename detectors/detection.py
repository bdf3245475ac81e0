"""The whole of a detection on a table in memory: prepare, fit, score, decide."""

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from detectors.base import Detector, DetectorConfig
from detectors.errors import DetectorError
from detectors.explanation.background import draw_background
from detectors.features import FeatureEncoder, MissingPolicy
from detectors.roles import ColumnRoles
from detectors.series import first_odd_text, is_number, read_numbers
from detectors.threshold import ThresholdDecision, ThresholdPolicy, decide_threshold
from detectors.validation import Matrix, Vector


@dataclass(frozen=True)
class PreparedTable:
    """A table as detectors take it.

    Attributes:
        encoder: how the columns became features.
        X: features, shape (n_rows, n_features).
        positions: the source's row number of each row of ``X``, shape (n_rows,).
        labels: ground truth, 1, 0 or NaN where unknown, shape (n_rows,); None without a label.
        fingerprint: equal for equal features in equal order.
        imputed: which values of ``X`` stand in for missing ones; None where none was missing.
    """

    encoder: FeatureEncoder
    X: Matrix
    positions: NDArray[np.int64]
    labels: Vector | None
    fingerprint: str
    imputed: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class FittedTable:
    """A detector fitted on a prepared table.

    Attributes:
        scores: decision scores of all rows, shape (n_rows,).
        background: rows it was fitted on, drawn at random, in random order, what is normal when
            its scores are explained.
    """

    detector: Detector
    scores: Vector
    background: Matrix


@dataclass(frozen=True)
class ScoredTable(FittedTable):
    """What one detector says of a prepared table.

    Attributes:
        flagged: places of the anomalies in ``scores``, the strongest first.
        p_values: of the anomalies, in the same order.
    """

    decision: ThresholdDecision
    flagged: NDArray[np.int64]
    p_values: Vector


def prepare_table(
    frame: pd.DataFrame, roles: ColumnRoles, missing: MissingPolicy = "impute"
) -> PreparedTable:
    """Choose the features of ``frame`` and encode them.

    Raises:
        DetectorError: the table has nothing to detect anomalies in; the message says why.
    """
    encoder = FeatureEncoder.fit(frame, roles, missing)
    rows = encoder.encode(frame)
    check_complete(len(rows.X))
    labels = None if roles.label is None else read_labels(frame[roles.label])[rows.positions]
    return PreparedTable(
        encoder,
        rows.X,
        rows.positions,
        labels,
        fingerprint(rows.X, encoder.names),
        rows.imputed,
    )


def check_complete(n_rows: int) -> None:
    """Check how many rows are left where those with missing values are dropped.

    Raises:
        DetectorError: fewer than two.
    """
    if n_rows < 2:
        left = "only one row has a value in every column" if n_rows else "every row misses a value"
        raise DetectorError(
            f"{left}, expected at least two: choose missing=impute, or fewer columns"
        )


def score_table(
    table: PreparedTable,
    config: DetectorConfig,
    policy: ThresholdPolicy,
    sample_size: int | None = None,
    seed: int = 0,
) -> ScoredTable:
    """Fit one detector, score every row, and label.

    Args:
        table: the rows.
        config: the detector to build.
        policy: how the threshold is chosen.
        sample_size: rows to fit on, drawn without replacement; all when None.
        seed: of the sample, the detector and the threshold.

    Raises:
        DetectorError: the detector cannot be fitted on these rows.
    """
    fitted = fit_table(table, config, sample_size, seed)
    scores = fitted.scores
    decision = decide_threshold(policy, fitted.detector, table.X, scores, seed)
    flagged = np.flatnonzero(decision.labels(scores))
    flagged = flagged[np.argsort(-scores[flagged], kind="stable")]
    p_values = decision.p_values(scores[flagged])
    return ScoredTable(**vars(fitted), decision=decision, flagged=flagged, p_values=p_values)


def fit_table(
    table: PreparedTable, config: DetectorConfig, sample_size: int | None = None, seed: int = 0
) -> FittedTable:
    """Fit one detector, and score every row; arguments are those of ``score_table``.

    Raises:
        DetectorError: the detector cannot be fitted on these rows.
    """
    n_rows = len(table.X)
    detector = config.build(seed)
    if sample_size is None or sample_size >= n_rows:
        scores = detector.fit(table.X).decision_scores_
        return FittedTable(detector, scores, draw_background(table.X, seed))
    sample = draw_sample(n_rows, sample_size, seed)
    scores = _score_all(detector, table.X, sample)
    return FittedTable(detector, scores, draw_background(table.X[sample], seed))


def score_again(
    detector: Detector,
    X: Matrix,
    places: NDArray[np.int64],
    sample_size: int | None,
    seed: int,
) -> Vector:
    """Return the scores that some rows had when the detector was fitted, shape (n_places,).

    Args:
        detector: fitted on ``X``, or on a sample of it.
        X: all rows, shape (n_rows, n_features).
        places: of the rows in question.
        sample_size: as the detector was fitted.
        seed: likewise.
    """
    n_rows = len(X)
    sample = np.arange(n_rows)
    if sample_size is not None and sample_size < n_rows:
        sample = draw_sample(n_rows, sample_size, seed)
    return score_rows(detector, sample, X[places], places)


def score_rows(
    detector: Detector, fitted_on: NDArray[np.int64], X: Matrix, numbers: NDArray[np.int64]
) -> Vector:
    """Score rows, at least one, as training rows where the detector was fitted on them.

    Args:
        detector: fitted.
        fitted_on: numbers of its training rows, ascending.
        X: features of the rows, shape (n_rows, n_features).
        numbers: of the rows, shape (n_rows,).
    """
    nearest = np.minimum(np.searchsorted(fitted_on, numbers), len(fitted_on) - 1)
    is_known = fitted_on[nearest] == numbers
    scores = detector.decision_function(X)
    scores[is_known] = detector.decision_scores_[nearest[is_known]]
    return scores


def draw_sample(n_rows: int, size: int, seed: int) -> NDArray[np.int64]:
    """Return ``size`` of the places 0 .. n_rows - 1, without replacement, in order."""
    return np.sort(np.random.default_rng(seed).choice(n_rows, size, replace=False))


def fingerprint(X: Matrix, names: tuple[str, ...]) -> str:
    """Return a digest of the features: names, shape and every value."""
    digest = hashlib.blake2b("\0".join(names).encode(), digest_size=16)
    digest.update(str(X.shape).encode())
    digest.update(np.ascontiguousarray(X).data)
    return digest.hexdigest()


def _score_all(detector: Detector, X: Matrix, sample: NDArray[np.int64]) -> Vector:
    """Score the sampled rows as training rows and the others as new ones."""
    scores = np.empty(len(X))
    scores[sample] = detector.fit(X[sample]).decision_scores_
    others = np.ones(len(X), dtype=bool)
    others[sample] = False
    scores[others] = detector.decision_function(X[others])
    return scores


def read_labels(series: pd.Series) -> Vector:
    """Return ground truth: 1, 0 or NaN where unknown, shape (n_rows,).

    Raises:
        DetectorError: the column holds anything else.
    """
    odd = None if is_number(series) else first_odd_text(series)
    if odd is not None:
        raise _wrong_label(series, repr(odd[1]))
    values = read_numbers(series)
    wrong = ~np.isin(values, (0.0, 1.0)) & ~np.isnan(values)
    if wrong.any():
        raise _wrong_label(series, f"{values[wrong][0]:g}")
    return values


def _wrong_label(series: pd.Series, found: str) -> DetectorError:
    return DetectorError(
        f"label column {str(series.name)!r} holds {found}: it should hold 1 for an anomaly, 0 for "
        "a normal row, and nothing where that is not known"
    )
