"""What explanations must hold for every detector of the registry."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from detectors.batch.isolation_forest import IsolationForest
from detectors.errors import DetectorError
from detectors.explanation.contributions import Contributions
from detectors.explanation.explain import explain_rows
from detectors.registry import algorithms, build_detector
from detectors.validation import Matrix
from tests.detectors.explanation.enumeration import shapley_by_definition
from tests.detectors.explanation.tables import (
    N_FEATURES,
    SKEWED,
    draw_rows,
    fitted,
    plant_outliers,
    training_rows,
)

ALGORITHMS = [info.name for info in algorithms()]
# Those that neither judge columns on their own nor are forests.
SAMPLED = [
    name
    for name in ALGORITHMS
    if name not in ("isolation_forest", "statistical", "ecod", "copod", "hbos")
]
# Ten background rows, where a user has a hundred: the definition is followed one coalition at a
# time, and holds for any background.
BACKGROUND = training_rows()[:10]
# Too few for all 254 coalitions with ten background rows, so that contributions are sampled.
FEW = 80 * N_FEATURES


@cache
def rows_to_explain() -> Matrix:
    ordinary = draw_rows(3, seed=1)
    outliers, _ = plant_outliers(3, seed=2, columns=range(N_FEATURES))
    return np.vstack([ordinary, outliers])


@cache
def by_definition(algorithm: str) -> Matrix:
    score = fitted(algorithm).decision_function
    return np.array([shapley_by_definition(score, row, BACKGROUND) for row in rows_to_explain()])


@cache
def explained(algorithm: str, max_evaluations: int | None = None, seed: int = 5) -> Contributions:
    return explain_rows(
        fitted(algorithm), rows_to_explain(), BACKGROUND, seed, max_evaluations=max_evaluations
    )


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_up_to_eight_features_contributions_are_shapley_values(algorithm: str) -> None:
    contributions = explained(algorithm)
    assert contributions.exact
    scale = np.abs(by_definition(algorithm)).max()
    np.testing.assert_allclose(contributions.values, by_definition(algorithm), atol=1e-6 * scale)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_is_explained_of_a_training_row_is_the_score_it_was_given(algorithm: str) -> None:
    detector = fitted(algorithm)
    again = detector.decision_function(training_rows())
    np.testing.assert_allclose(again, detector.decision_scores_, rtol=1e-9)
    assert explained(algorithm).quantity == "score"


@pytest.mark.parametrize("algorithm", SAMPLED)
def test_sampled_contributions_rank_as_shapley_values_do(algorithm: str) -> None:
    contributions = explained(algorithm, FEW)
    assert contributions.method == "sampled permutations"
    assert not contributions.exact
    pairs = zip(contributions.values, by_definition(algorithm), strict=True)
    assert np.mean([spearmanr(ours, true).statistic for ours, true in pairs]) >= 0.95


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_base_and_contributions_add_up_to_the_score(algorithm: str) -> None:
    contributions = explained(algorithm)
    scores = fitted(algorithm).decision_function(rows_to_explain())
    np.testing.assert_array_equal(contributions.explained, scores)
    assert contributions.base == fitted(algorithm).decision_function(BACKGROUND).mean()
    np.testing.assert_allclose(contributions.residual, 0, atol=1e-9 * np.abs(scores).max())


@pytest.mark.parametrize("algorithm", SAMPLED)
def test_the_residual_of_sampled_contributions_is_stated_and_small(algorithm: str) -> None:
    contributions = explained(algorithm, FEW)
    total = contributions.base + contributions.values.sum(axis=1) + contributions.residual
    np.testing.assert_allclose(total, contributions.explained)
    assert np.abs(contributions.residual).max() < 0.05 * np.abs(contributions.values).max()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_planted_feature_ranks_first(algorithm: str) -> None:
    # 200 cases with four background rows each: more would take minutes and change little. COPOD
    # gives the shorter tail of a column little weight by design, so it gets the longer ones.
    columns = SKEWED if algorithm == "copod" else range(N_FEATURES)
    outliers, planted = plant_outliers(200, seed=4, columns=columns)
    contributions = explain_rows(fitted(algorithm), outliers, BACKGROUND[:4])
    assert (contributions.values.argmax(axis=1) == planted).mean() >= 0.95


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("max_evaluations", [None, FEW])
def test_a_seed_gives_the_same_contributions_again(
    algorithm: str, max_evaluations: int | None
) -> None:
    again = explain_rows(
        fitted(algorithm), rows_to_explain(), BACKGROUND, 5, max_evaluations=max_evaluations
    )
    np.testing.assert_array_equal(again.values, explained(algorithm, max_evaluations).values)


def test_another_seed_samples_other_permutations() -> None:
    first, other = (explained("knn", FEW, seed).values for seed in (5, 6))
    assert (first != other).any()


@pytest.mark.parametrize("algorithm", ["knn", "lof", "isolation_forest", "statistical", "ecod"])
@given(order=st.permutations(range(6)), n_rows=st.integers(1, 6))
@settings(max_examples=5, deadline=None)
def test_a_row_is_explained_alike_among_any_others(
    algorithm: str, order: list[int], n_rows: int
) -> None:
    chosen = order[:n_rows]
    contributions = explain_rows(
        fitted(algorithm), rows_to_explain()[chosen], BACKGROUND, 5, max_evaluations=FEW
    )
    expected = explained(algorithm, FEW).values[chosen]
    np.testing.assert_allclose(contributions.values, expected, rtol=1e-9, atol=1e-12)


# Detectors to which the order of columns is the same: the others draw columns, or start at random.
@pytest.mark.parametrize("algorithm", ["statistical", "ecod", "copod", "hbos", "knn", "pca"])
@given(order=st.permutations(range(N_FEATURES)))
@settings(max_examples=4, deadline=None)
def test_contributions_follow_their_columns(algorithm: str, order: list[int]) -> None:
    detector = build_detector(algorithm).fit(training_rows()[:, order])
    contributions = explain_rows(detector, rows_to_explain()[:, order], BACKGROUND[:, order])
    expected = explained(algorithm).values[:, order]
    np.testing.assert_allclose(contributions.values, expected, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("max_evaluations", [None, FEW])
def test_a_constant_feature_contributes_nothing(
    algorithm: str, max_evaluations: int | None
) -> None:
    X = training_rows()[:, :5].copy()
    X[:, 2] = 7.3
    detector = build_detector(algorithm, seed=3).fit(X)
    values = explain_rows(detector, X[:4], X[10:20], max_evaluations=max_evaluations).values
    assert (values[:, 2] == 0).all()
    assert (values != 0).any()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_feature_that_raises_the_score_contributes_positively(algorithm: str) -> None:
    usual = np.median(training_rows(), axis=0)
    row = usual.copy()
    row[5] = training_rows()[:, 5].max() * 2
    score = fitted(algorithm).decision_function
    assert score(row[None]) > score(usual[None])
    values = explain_rows(fitted(algorithm), row[None], BACKGROUND).values[0]
    assert values[5] > 0
    assert values.argmax() == 5


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_one_feature_has_all_of_the_score(algorithm: str) -> None:
    X = training_rows()[:, :1]
    contributions = explain_rows(build_detector(algorithm).fit(X), X[:5], X[:20], max_evaluations=1)
    assert contributions.exact
    np.testing.assert_allclose(contributions.residual, 0, atol=1e-9)


@pytest.mark.parametrize("algorithm", ["isolation_forest", "knn"])
def test_more_features_than_can_be_enumerated_are_explained(algorithm: str) -> None:
    X = np.hstack([draw_rows(300, seed=6), draw_rows(300, seed=7)])
    row = np.median(X, axis=0)
    row[11] = 9 * X[:, 11].max()
    contributions = explain_rows(build_detector(algorithm).fit(X), row[None], X[:20])
    assert contributions.values.argmax() == 11
    assert abs(contributions.residual[0]) < 0.05 * contributions.values.max()


def test_an_isolation_forest_of_many_features_says_that_it_explains_paths() -> None:
    X = np.random.default_rng(0).normal(size=(200, 15))
    narrow, wide = (IsolationForest(20).fit(X[:, :n]) for n in (14, 15))
    assert explain_rows(narrow, X[:1, :14], X[:3, :14]).quantity == "score"
    assert explain_rows(wide, X[:1], X[:3]).quantity == "minus mean path length"


def test_too_few_evaluations_are_refused_with_the_number_that_is_enough() -> None:
    detector, rows = fitted("knn"), rows_to_explain()
    with pytest.raises(DetectorError, match="at least 140"):
        explain_rows(detector, rows, BACKGROUND, max_evaluations=139)
    assert not explain_rows(detector, rows, BACKGROUND, max_evaluations=140).exact


def test_enough_evaluations_for_all_coalitions_make_contributions_exact() -> None:
    rows = rows_to_explain()
    enough = (2**N_FEATURES - 2) * len(BACKGROUND)
    assert explain_rows(fitted("knn"), rows, BACKGROUND, max_evaluations=enough).exact
    assert not explain_rows(fitted("knn"), rows, BACKGROUND, max_evaluations=enough - 1).exact


def test_rows_and_background_of_other_columns_are_refused() -> None:
    with pytest.raises(DetectorError, match="fitted on 8 columns, got 7"):
        explain_rows(fitted("knn"), rows_to_explain()[:, :7], BACKGROUND)
    with pytest.raises(DetectorError, match="fitted on 8 columns, got 7"):
        explain_rows(fitted("knn"), rows_to_explain(), BACKGROUND[:, :7])


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_extreme_values_have_finite_contributions(algorithm: str) -> None:
    row = np.median(training_rows(), axis=0)
    row[1] = 1e300
    for max_evaluations in (None, FEW):
        contributions = explain_rows(
            fitted(algorithm), row[None], BACKGROUND, max_evaluations=max_evaluations
        )
        assert np.isfinite(contributions.values).all()
        assert contributions.values.argmax() == 1
