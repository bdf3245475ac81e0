"""What every batch detector must hold, run over the whole registry."""

import pickle
import re
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import spearmanr

from detectors.base import Detector
from detectors.errors import DetectorError
from detectors.registry import algorithms, build_detector
from detectors.threshold import Contamination, FalseAlarm, ThresholdPolicy, decide_threshold
from detectors.validation import Matrix, Vector
from tests.detectors.awkward_tables import awkward_tables
from tests.detectors.clean_shapes import (
    clean_shapes,
    discrete_shapes,
    heavy_shapes,
    sparse_shapes,
)

AWKWARD = awkward_tables()
TIED = {
    **{name: discrete_shapes(300, seed=0)[name] for name in ("survey", "3 levels", "rounded")},
    **{name: discrete_shapes(300, seed=0)[name] for name in ("repeated rows", "rare booleans")},
    **{name: sparse_shapes(300, seed=0)[name] for name in ("5% filled", "a mixture")},
    "no ties": clean_shapes(300, seed=0)["two factors"],
}
CLEAN = [*clean_shapes(2, 0), *discrete_shapes(2, 0), *sparse_shapes(2, 0)]
# Rows of a clean shape, in tables of 1,000. The bounds are on the share expected: of so many rows
# at 1.5 % twice the standard deviation is chance. Larger tables are measured in docs/thresholds.md.
N_CLEAN = 2_000
CHANCE = 2 * (0.015 * 0.985 / N_CLEAN) ** 0.5
N_OUTLIERS = 5
# What an error must hold to be of use: something to do.
ADVICE = re.compile(r"\b(fit on more rows|choose|lower|raise|rescale|drop)\b")

pytestmark = pytest.mark.parametrize("algorithm", [info.name for info in algorithms()])


@cache
def cloud() -> Matrix:
    """Normal rows, the last few of them moved far away, each to a place of its own."""
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(600, 4))
    directions = rng.normal(size=(N_OUTLIERS, 4))
    rows[-N_OUTLIERS:] = 12 * directions / np.linalg.norm(directions, axis=1, keepdims=True)
    rows.setflags(write=False)
    return rows


@cache
def clean_tables(seed: int) -> dict[str, Matrix]:
    shapes = (clean_shapes, discrete_shapes, sparse_shapes, heavy_shapes)
    return {name: X for shape in shapes for name, X in shape(1000, seed).items()}


@cache
def fitted(algorithm: str) -> Detector:
    return build_detector(algorithm, seed=3).fit(cloud())


def fit_scores(algorithm: str, X: Matrix, seed: int = 3) -> Vector:
    return build_detector(algorithm, seed).fit(X).decision_scores_


def agreement(first: Vector, second: Vector) -> float:
    return float(spearmanr(first, second).statistic)


def test_planted_outliers_outrank_every_inlier(algorithm: str) -> None:
    scores = fitted(algorithm).decision_scores_
    assert scores[-N_OUTLIERS:].min() > scores[:-N_OUTLIERS].max()


def test_new_outliers_outrank_new_inliers(algorithm: str) -> None:
    rows = np.random.default_rng(2).normal(size=(200, 4))
    rows[-3:] = 6 * np.array([[1, 1, 1, 1], [-1, 1, -1, 1], [-1, -1, 1, 1]])
    scores = fitted(algorithm).decision_function(rows)
    assert scores[-3:].min() > scores[:-3].max()


def test_labels_are_scores_above_the_threshold(algorithm: str) -> None:
    detector = fitted(algorithm)
    expected = detector.decision_scores_ > detector.threshold_
    np.testing.assert_array_equal(detector.labels_, expected)
    assert 0 < expected.sum() <= 0.1 * len(expected)


def test_a_seed_gives_the_same_scores_again(algorithm: str) -> None:
    np.testing.assert_array_equal(
        fit_scores(algorithm, cloud()), fitted(algorithm).decision_scores_
    )


@pytest.mark.parametrize("seed", [-1, 2**32 - 1, 2**40])
def test_any_whole_number_is_a_seed(algorithm: str, seed: int) -> None:
    assert len(fit_scores(algorithm, cloud()[:60], seed)) == 60


def test_fits_side_by_side_give_the_scores_of_one_alone(algorithm: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        side_by_side = list(pool.map(fit_scores, [algorithm] * 4, [cloud()] * 4))
    for scores in side_by_side:
        np.testing.assert_array_equal(scores, fitted(algorithm).decision_scores_)


def test_the_input_is_not_changed(algorithm: str) -> None:
    X = cloud().copy()
    build_detector(algorithm).fit(X).decision_function(X)
    np.testing.assert_array_equal(X, cloud())


def test_a_fitted_detector_survives_pickling(algorithm: str) -> None:
    detector = fitted(algorithm)
    twin = pickle.loads(pickle.dumps(detector))
    rows = cloud()[::7]
    np.testing.assert_array_equal(twin.decision_function(rows), detector.decision_function(rows))


def test_an_unfitted_detector_survives_pickling(algorithm: str) -> None:
    twin = pickle.loads(pickle.dumps(build_detector(algorithm, seed=3)))
    scores = twin.fit(cloud()).decision_scores_
    np.testing.assert_array_equal(scores, fitted(algorithm).decision_scores_)


def test_a_score_does_not_depend_on_the_other_rows(algorithm: str) -> None:
    detector, rows = fitted(algorithm), cloud()[-40:]
    together = detector.decision_function(rows)
    alone = np.concatenate([detector.decision_function(row[None]) for row in rows])
    np.testing.assert_allclose(alone, together, rtol=1e-9, atol=1e-12)
    reverse = detector.decision_function(rows[::-1])[::-1]
    np.testing.assert_allclose(reverse, together, rtol=1e-9, atol=1e-12)


def test_repeated_rows_score_alike_in_any_batch(algorithm: str) -> None:
    values = np.random.default_rng(4).integers(0, 4, size=(40, 5)) * 1.37
    detector = build_detector(algorithm).fit(np.repeat(values, 10, axis=0))
    together = detector.decision_function(values)
    alone = np.concatenate([detector.decision_function(row[None]) for row in values])
    np.testing.assert_allclose(alone, together, rtol=1e-7, atol=1e-9)


def test_the_order_of_rows_does_not_matter(algorithm: str) -> None:
    order = np.random.default_rng(5).permutation(len(cloud()))
    scores = fit_scores(algorithm, cloud()[order])
    assert agreement(scores, fitted(algorithm).decision_scores_[order]) > 0.85


def test_the_units_of_columns_do_not_matter(algorithm: str) -> None:
    scores = fit_scores(algorithm, cloud() * [1e-9, 1.0, 1e6, 7.0])
    assert agreement(scores, fitted(algorithm).decision_scores_) > 0.99


def test_other_columns_than_those_fitted_are_refused(algorithm: str) -> None:
    with pytest.raises(DetectorError, match="fitted on 4 columns, got 3"):
        fitted(algorithm).decision_function(cloud()[:, :3])


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_value_that_is_not_finite_is_refused(algorithm: str, value: float) -> None:
    X = cloud().copy()
    X[3, 1] = value
    with pytest.raises(DetectorError, match="impute or drop"):
        fitted(algorithm).decision_function(X)
    with pytest.raises(DetectorError, match="impute or drop"):
        build_detector(algorithm).fit(X)


@pytest.mark.parametrize("table", AWKWARD)
def test_an_awkward_table_is_scored_or_refused_with_advice(algorithm: str, table: str) -> None:
    assert_scored_or_refused(algorithm, AWKWARD[table])


@given(
    arrays(
        np.float64,
        st.tuples(st.integers(1, 30), st.integers(1, 3)),
        elements=st.floats(allow_nan=False, allow_infinity=False),
    )
)
@settings(max_examples=15, deadline=None)
def test_any_finite_table_is_scored_or_refused_with_advice(algorithm: str, X: Matrix) -> None:
    assert_scored_or_refused(algorithm, X)


def assert_scored_or_refused(algorithm: str, X: Matrix) -> None:
    detector = build_detector(algorithm)
    try:
        detector.fit(X)
    except DetectorError as error:
        refusal = str(error)
    else:
        refusal = None
    if refusal is not None:
        assert ADVICE.search(refusal), refusal
        return
    assert np.isfinite(detector.decision_scores_).all()
    assert np.isfinite(detector.decision_function(X)).all()


@pytest.mark.parametrize("value", [-1e300, 1e300, np.finfo(np.float64).max])
def test_a_new_row_however_extreme_outranks_the_inliers(algorithm: str, value: float) -> None:
    scores = fitted(algorithm).decision_function(np.full((1, 4), value))
    assert scores[0] > np.quantile(fitted(algorithm).decision_scores_[:-N_OUTLIERS], 0.99)


@pytest.mark.parametrize("table", TIED)
def test_a_row_has_one_p_value_whether_it_was_trained_on_or_is_new(
    algorithm: str, table: str
) -> None:
    X = TIED[table]
    detector = build_detector(algorithm).fit(X)
    scores, anew = detector.decision_scores_, detector.decision_function(X)
    np.testing.assert_allclose(anew, scores, rtol=1e-7, atol=1e-9)
    decision = decide_threshold(FalseAlarm(), detector, X, scores, seed=0)
    np.testing.assert_allclose(decision.p_values(anew), decision.p_values(scores), rtol=1e-3)


@pytest.mark.parametrize("shape", CLEAN)
def test_of_clean_rows_hardly_more_are_labelled_than_asked_for(algorithm: str, shape: str) -> None:
    assert share_labelled(algorithm, shape) <= 0.015 + CHANCE


@pytest.mark.parametrize("shape", heavy_shapes(2, 0))
def test_of_clean_rows_with_heavy_tails_twice_as_many_may_be(algorithm: str, shape: str) -> None:
    assert share_labelled(algorithm, shape) <= 0.02 + CHANCE


def share_labelled(algorithm: str, shape: str) -> float:
    shares = []
    for seed in range(N_CLEAN // 1000):
        X = clean_tables(seed)[shape]
        detector = build_detector(algorithm, seed).fit(X)
        scores = detector.decision_scores_
        decision = decide_threshold(FalseAlarm(rate=0.01), detector, X, scores, seed)
        shares.append(decision.labels(scores).mean())
    return float(np.mean(shares))


@pytest.mark.parametrize(
    "from_lax_to_strict",
    [
        [FalseAlarm(rate=rate) for rate in (0.2, 0.01, 0.001)],
        [Contamination(share=share) for share in (0.3, 0.1, 0.01)],
    ],
    ids=["false_alarm", "contamination"],
)
def test_a_stricter_threshold_never_labels_more(
    algorithm: str, from_lax_to_strict: list[ThresholdPolicy]
) -> None:
    detector = fitted(algorithm)
    scores = detector.decision_scores_
    labels = [
        decide_threshold(policy, detector, cloud(), scores, seed=0).labels(scores)
        for policy in from_lax_to_strict
    ]
    for lax, strict in pairwise(labels):
        assert (lax | strict == lax).all()
    assert labels[0].sum() > labels[-1].sum()


def test_the_default_threshold_finds_the_planted_outliers(algorithm: str) -> None:
    scores = fitted(algorithm).decision_scores_
    decision = decide_threshold(FalseAlarm(), fitted(algorithm), cloud(), scores, seed=0)
    assert decision.labels(scores)[-N_OUTLIERS:].all()
