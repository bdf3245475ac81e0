from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.batch.isolation_forest import IsolationForest
from detectors.explanation.explain import explain_rows
from detectors.explanation.forest import (
    forest_path_contributions,
    forest_score_contributions,
    minus_mean_path,
)
from detectors.validation import Matrix
from tests.detectors.explanation.enumeration import shapley_by_definition


def few_values(n_rows: int, n_features: int, seed: int) -> Matrix:
    """Rows with ties, so that paths meet a column more than once and values repeat."""
    values = np.random.default_rng(seed).integers(0, 6, size=(n_rows, n_features))
    return values.astype(float)


@given(st.integers(1, 60), st.integers(1, 6), st.integers(1, 5), st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_scores_and_paths_are_shared_out_by_definition(
    n_rows: int, n_features: int, n_background: int, seed: int
) -> None:
    X = few_values(n_rows, n_features, seed)
    background = few_values(n_background, n_features, seed + 1)
    detector = IsolationForest(7, seed=seed).fit(X)
    paths = partial(minus_mean_path, detector.forest_)
    for row in few_values(2, n_features, seed + 2) * 1.5:
        np.testing.assert_allclose(
            forest_score_contributions(detector.forest_, row[None], background)[0],
            shapley_by_definition(detector.decision_function, row, background),
            atol=1e-12,
        )
        np.testing.assert_allclose(
            forest_path_contributions(detector.forest_, row[None], background)[0],
            shapley_by_definition(paths, row, background),
            atol=1e-12,
        )


def test_gross_values_are_shared_out_by_definition() -> None:
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.normal(size=(600, 3)), rng.random(600) < 0.002])
    detector = IsolationForest(7).fit(X)
    background = np.vstack([X[:3], [9.0, 0.0, 0.0, 1.0]])
    paths = partial(minus_mean_path, detector.forest_)
    for row in np.array([[30.0, 0, 0, 1], [0, -1e300, 7, 0], [0.1, 0.2, 0.3, 5]]):
        assert (detector.forest_.saved_cuts(row[None]) > 0).any()
        np.testing.assert_allclose(
            forest_score_contributions(detector.forest_, row[None], background)[0],
            shapley_by_definition(detector.decision_function, row, background),
            atol=1e-12,
        )
        np.testing.assert_allclose(
            forest_path_contributions(detector.forest_, row[None], background)[0],
            shapley_by_definition(paths, row, background),
            atol=1e-9,
        )


@pytest.mark.parametrize("n_features", [40, 200])
def test_paths_of_any_number_of_features_add_up(n_features: int) -> None:
    X = np.random.default_rng(0).normal(size=(500, n_features))
    forest = IsolationForest(50).fit(X).forest_
    values = forest_path_contributions(forest, X[:5], X[10:30])
    explained, base = minus_mean_path(forest, X[:5]), minus_mean_path(forest, X[10:30]).mean()
    np.testing.assert_allclose(values.sum(axis=1), explained - base, atol=1e-12)


def test_scores_of_fourteen_features_add_up() -> None:
    X = np.random.default_rng(0).normal(size=(500, 14))
    detector = IsolationForest(50).fit(X)
    values = forest_score_contributions(detector.forest_, X[:2], X[10:20])
    scores, base = detector.decision_scores_[:2], detector.decision_scores_[10:20].mean()
    np.testing.assert_allclose(values.sum(axis=1), scores - base, atol=1e-12)


def test_where_no_column_varies_nothing_contributes() -> None:
    detector = IsolationForest().fit(np.ones((1, 3)))
    rows = np.arange(6.0).reshape(2, 3)
    assert (forest_score_contributions(detector.forest_, rows, rows) == 0).all()
    assert (forest_path_contributions(detector.forest_, rows, rows) == 0).all()


def test_close_values_far_from_zero_are_told_apart() -> None:
    X = np.column_stack([1.7e9 + np.arange(500) * 1e-6, np.zeros(500)])
    row = np.array([[1.7e9 + 0.01, 0.0]])
    values = explain_rows(IsolationForest().fit(X), row, X[::10]).values
    assert values[0, 0] > 0.05


def test_read_only_rows_are_explained() -> None:
    X = np.random.default_rng(0).normal(size=(100, 3))
    forest = IsolationForest(10).fit(X).forest_
    X.setflags(write=False)
    assert np.isfinite(forest_score_contributions(forest, X[:2], X)).all()
    assert np.isfinite(forest_path_contributions(forest, X[:2], X)).all()
