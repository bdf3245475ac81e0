import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from detectors.batch.isolation_forest import Forest, IsolationForest, IsolationForestConfig
from detectors.validation import Matrix, Vector


@pytest.fixture(scope="module")
def cloud() -> Matrix:
    """Normal rows, and a last one far away."""
    rows = np.random.default_rng(0).normal(size=(1000, 5))
    return np.vstack([rows, np.full(5, 8.0)])


def fit_scores(X: Matrix, **parameters: int) -> Vector:
    return IsolationForest(**parameters).fit(X).decision_scores_


def test_a_planted_outlier_outranks_every_inlier(cloud: Matrix) -> None:
    scores = fit_scores(cloud)
    assert scores.argmax() == len(cloud) - 1
    assert scores[-1] > 0.7


def test_scores_agree_with_scikit_learn() -> None:
    from sklearn.datasets import load_breast_cancer
    from sklearn.ensemble import IsolationForest as Peer

    X = load_breast_cancer().data
    theirs = -Peer(n_estimators=300, max_samples=256, random_state=0).fit(X).score_samples(X)
    ours = Forest.grow(X, 300, 256, seed=0).score(X)
    assert np.corrcoef(ours, theirs)[0, 1] > 0.99
    assert np.abs(ours - theirs).max() < 0.04


def test_a_seed_gives_one_forest_and_another_seed_another(cloud: Matrix) -> None:
    first, again, other = (fit_scores(cloud, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@given(seed=st.integers(-(2**70), 2**70))
@settings(max_examples=20, deadline=None)
def test_any_whole_number_is_a_seed(seed: int) -> None:
    X = np.arange(20.0).reshape(10, 2)
    np.testing.assert_array_equal(
        fit_scores(X, seed=seed, n_estimators=5), fit_scores(X, seed=seed, n_estimators=5)
    )


def test_trees_of_one_forest_differ(cloud: Matrix) -> None:
    forest = IsolationForest(n_estimators=50).fit(cloud).forest_
    assert len(np.unique(forest.threshold[:, 1])) == 50


def test_more_trees_only_add_to_the_forest(cloud: Matrix) -> None:
    few, many = (IsolationForest(n_estimators=n).fit(cloud).forest_ for n in (10, 20))
    np.testing.assert_array_equal(few.threshold, many.threshold[:10])
    np.testing.assert_array_equal(few.value, many.value[:10])


def test_four_threads_give_the_scores_of_one(cloud: Matrix) -> None:
    tables = [cloud * (i + 1) for i in range(12)]
    with ThreadPoolExecutor(4) as pool:
        side_by_side = list(pool.map(fit_scores, tables))
    for table, scores in zip(tables, side_by_side, strict=True):
        np.testing.assert_array_equal(scores, fit_scores(table))


def test_a_score_does_not_depend_on_the_other_rows(cloud: Matrix) -> None:
    detector = IsolationForest().fit(cloud)
    one_by_one = np.concatenate([detector.decision_function(row[None]) for row in cloud[:40]])
    np.testing.assert_array_equal(one_by_one, detector.decision_scores_[:40])


@pytest.mark.parametrize("scale", [1e-300, 1e-9, 1.0, 1e9, 1e300])
@pytest.mark.parametrize("offset", [0.0, 1.7e9])
def test_units_do_not_matter(cloud: Matrix, scale: float, offset: float) -> None:
    scores = fit_scores(cloud * scale + offset * min(scale, 1.0))
    assert scores.argmax() == len(cloud) - 1
    np.testing.assert_allclose(scores, fit_scores(cloud), atol=0.03)


def test_timestamps_in_seconds_are_told_apart() -> None:
    X = np.column_stack([1.7e9 + np.arange(500) * 1e-6, np.zeros(500)])
    X[250, 0] = 1.7e9 + 0.01
    assert fit_scores(X).argmax() == 250


def test_a_range_wider_than_the_largest_float_is_split() -> None:
    largest = np.finfo(np.float64).max
    X = np.concatenate([np.linspace(-largest / 1e3, largest / 1e3, 200), [-largest, largest]])
    scores = fit_scores(X[:, None])
    assert set(np.argsort(scores)[-2:]) == {200, 201}


def test_two_neighbouring_floats_are_told_apart() -> None:
    X = np.full((64, 1), 1.0)
    X[7] = np.nextafter(1.0, 2.0)
    assert fit_scores(X).argmax() == 7


@pytest.mark.parametrize("value", [0.0, 1.7e9, -1e300, 5e-324])
def test_equal_rows_score_one_half(value: float) -> None:
    np.testing.assert_allclose(fit_scores(np.full((300, 3), value)), 0.5)


def test_one_row_scores_one_half() -> None:
    assert fit_scores(np.ones((1, 3))) == 0.5


@given(st.integers(2, 40), st.integers(1, 4), st.integers(2, 40), st.integers(0, 100))
@settings(max_examples=60, deadline=None)
def test_each_tree_holds_its_sample_and_every_split_has_two_sides(
    n_rows: int, n_features: int, max_samples: int, seed: int
) -> None:
    # Few distinct values, so that ties and constant nodes are common.
    X = np.random.default_rng(seed).integers(0, 3, size=(n_rows, n_features)).astype(float)
    forest = IsolationForest(7, max_samples, seed).fit(X).forest_
    size, n_slots = forest.size, forest.size.shape[1]
    assert (size.sum(axis=1) == min(n_rows, max_samples)).all()
    rows_below = np.concatenate([np.zeros_like(size), size], axis=1)
    for node in range(n_slots - 1, 0, -1):
        left, right = rows_below[:, 2 * node], rows_below[:, 2 * node + 1]
        rows_below[:, node] = left + right
        is_split = np.isfinite(forest.threshold[:, node])
        assert ((left > 0) & (right > 0))[is_split].all()
        assert (right == 0)[~is_split].all()


def test_a_column_that_never_varies_is_never_chosen(cloud: Matrix) -> None:
    X = cloud.copy()
    X[:, 2] = 1.0
    forest = IsolationForest().fit(X).forest_
    chosen = forest.feature[np.isfinite(forest.threshold)]
    assert set(np.unique(chosen)) == {0, 1, 3, 4}


def test_in_the_kernel_nan_goes_left_and_takes_no_part_in_ranges(cloud: Matrix) -> None:
    X = cloud.copy()
    X[:300, 0] = np.nan
    forest = Forest.grow(X, 300, 256, seed=0)
    scores = forest.score(X)
    assert np.isfinite(scores).all()
    assert scores.argmax() == len(X) - 1
    rows = X[:50].copy()
    rows[:, 0] = -np.inf
    np.testing.assert_array_equal(forest.score(rows), scores[:50])


def test_in_the_kernel_a_column_of_nan_is_as_good_as_constant() -> None:
    np.testing.assert_allclose(IsolationForest()._fit(np.full((50, 2), np.nan)), 0.5)


def test_in_the_kernel_infinities_are_extreme_but_finite(cloud: Matrix) -> None:
    X = cloud[:, :1].copy()
    X[0], X[1] = np.inf, -np.inf
    detector = IsolationForest()
    scores = detector._fit(X)
    assert set(np.argsort(scores)[-2:]) == {0, 1}
    inner = detector.forest_.threshold < np.inf
    assert np.isfinite(detector.forest_.threshold[inner]).all()
    np.testing.assert_array_equal(detector._score(np.nan_to_num(X)), scores)


def test_it_survives_pickling(cloud: Matrix) -> None:
    detector = IsolationForest(seed=5).fit(cloud)
    twin = pickle.loads(pickle.dumps(detector))
    np.testing.assert_array_equal(twin.decision_function(cloud), detector.decision_scores_)


def test_read_only_rows_are_scored_and_left_as_they_were(cloud: Matrix) -> None:
    X = cloud.copy()
    X.setflags(write=False)
    fit_scores(X)
    np.testing.assert_array_equal(X, cloud)


def test_the_config_builds_what_it_says() -> None:
    detector = IsolationForestConfig(n_estimators=20, max_samples=64).build(seed=9)
    assert (detector.n_estimators, detector.max_samples, detector.seed) == (20, 64, 9)


@pytest.mark.parametrize("parameters", [{"n_estimators": 0}, {"max_samples": 1}, {"trees": 5}])
def test_parameters_out_of_bounds_are_refused(parameters: dict[str, int]) -> None:
    with pytest.raises(ValidationError, match=next(iter(parameters))):
        IsolationForestConfig(**parameters)
