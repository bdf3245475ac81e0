import pickle
from dataclasses import fields

import numpy as np
import pytest

from detectors.base import Detector
from detectors.batch.isolation_forest import Forest
from detectors.column_gaps import ColumnGaps
from detectors.explanation.explain import explain_rows
from detectors.registry import build_detector
from detectors.validation import Matrix, Vector
from tests.detectors.clean_shapes import clean_shapes

FIRST_LOOKS = ["isolation_forest", "consensus"]
SHAPES = list(clean_shapes(10, seed=0))


def saved(X: Matrix, rows: Matrix) -> Matrix:
    return ColumnGaps.fit(X, 256, seed=0).saved_cuts(rows)


def rank(scores: Vector, row: int) -> int:
    return int((scores > scores[row]).sum()) + 1


def fit(algorithm: str, X: Matrix) -> Detector:
    return build_detector(algorithm, seed=0).fit(X)


def table_with_a_gross_value(shape: str, seed: int) -> tuple[Matrix, int]:
    """Ten clean columns, and a row that is 20 robust deviations out in one of them."""
    X = np.hstack([clean_shapes(5000, s)[shape][:, :5] for s in (seed, seed + 50)])
    row, column = 17 + 100 * seed, seed % 10
    median = np.median(X[:, column])
    deviation = 1.4826 * np.median(np.abs(X[:, column] - median))
    X[row, column] = median + (20 if seed % 2 else -20) * deviation
    return X, row


@pytest.mark.parametrize("algorithm", FIRST_LOOKS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", [3, 8])
def test_a_row_twenty_deviations_out_in_one_of_ten_columns_ranks_among_the_first_three(
    algorithm: str, shape: str, seed: int
) -> None:
    X, row = table_with_a_gross_value(shape, seed)
    assert rank(fit(algorithm, X).decision_scores_, row) <= 3


@pytest.mark.parametrize("algorithm", FIRST_LOOKS)
@pytest.mark.parametrize("n_columns", [1, 4, 20])
def test_the_only_row_with_a_flag_ranks_first(algorithm: str, n_columns: int) -> None:
    X = np.random.default_rng(n_columns).normal(size=(1000, n_columns))
    flag = np.zeros(1000)
    flag[321] = 1.0
    assert rank(fit(algorithm, np.column_stack([X, flag])).decision_scores_, 321) == 1


def orders() -> Matrix:
    """Amounts and weights of orders, as many as the items: in row 700 an amount of 900."""
    rng = np.random.default_rng(7)
    items = rng.integers(1, 10, size=2000)
    X = np.column_stack(
        [items * rng.normal(12, 1.5, size=2000), items, items * rng.normal(0.5, 0.06, size=2000)]
    )
    X[700, 0] = 900.0
    return X


@pytest.mark.parametrize("algorithm", FIRST_LOOKS)
def test_an_amount_far_too_large_comes_before_ordinary_orders(algorithm: str) -> None:
    assert rank(fit(algorithm, orders()).decision_scores_, 700) == 1


@pytest.mark.parametrize("algorithm", FIRST_LOOKS)
def test_of_two_gross_values_the_grosser_comes_first(algorithm: str) -> None:
    X = orders()
    X[1200, 0] = 9e9
    detector = fit(algorithm, X)
    assert np.argsort(-detector.decision_scores_)[:2].tolist() == [1200, 700]
    farther = np.repeat(X[:1], 2, axis=0)
    farther[:, 0] = [1e200, 1e300]
    first, second = detector.decision_function(farther)
    assert second > first > detector.decision_scores_[1200]


@pytest.mark.parametrize("n_rows", [40, 200, 5000])
def test_a_gross_value_comes_first_in_tables_of_any_size(n_rows: int) -> None:
    X = np.random.default_rng(n_rows).normal(size=(n_rows, 10))
    X[11, 3] = 20.0
    assert rank(fit("isolation_forest", X).decision_scores_, 11) == 1


@pytest.mark.parametrize("shape", SHAPES)
def test_of_clean_rows_nearly_none_has_a_gross_value(shape: str) -> None:
    X = clean_shapes(5000, seed=0)[shape]
    assert (saved(X, X) > 0).any(axis=1).mean() <= 0.001


def test_what_is_usual_in_a_heavy_tail_is_not_gross() -> None:
    rng = np.random.default_rng(0)
    for column in (rng.standard_t(3, size=20_000), rng.lognormal(size=20_000)):
        assert (saved(column[:, None], column[:, None]) > 0).mean() <= 0.001


@pytest.mark.parametrize("scale", [1e-300, 1e-9, 1e9, 1e300])
def test_units_and_offsets_do_not_matter(scale: float) -> None:
    X = np.random.default_rng(0).normal(size=(3000, 2))
    X[5, 0], X[6, 1] = 30.0, -50.0
    expected = saved(X, X)
    assert (expected[[5, 6], [0, 1]] > 0).all()
    np.testing.assert_allclose(saved(X * scale, X * scale), expected, rtol=1e-9)
    far = X * 1e-3 + 1.7e9
    np.testing.assert_allclose(saved(far, far), expected, rtol=1e-2, atol=0.1)


def test_a_span_wider_than_the_largest_float_has_gaps() -> None:
    largest = np.finfo(np.float64).max
    X = np.append(np.linspace(-largest / 1e6, largest / 1e6, 998), [largest, -largest])[:, None]
    assert (saved(X, X)[-2:] > 0).all()
    assert (saved(X, X)[:-2] == 0).all()


def test_a_value_never_seen_beside_a_constant_is_gross() -> None:
    X = np.column_stack([np.random.default_rng(0).normal(size=500), np.zeros(500)])
    detector = fit("isolation_forest", X)
    flagged = X[:1].copy()
    flagged[0, 1] = 1.0
    assert detector.decision_function(flagged)[0] > detector.decision_scores_.max()


def test_a_missing_value_has_no_gap() -> None:
    X = np.random.default_rng(0).normal(size=(500, 2))
    X[::3, 1] = np.nan
    assert (saved(X, X)[::3, 1] == 0).all()
    assert np.isfinite(saved(X, X)).all()


def test_columns_of_which_a_sample_was_seen_keep_their_gaps() -> None:
    X = np.random.default_rng(0).normal(size=(100_000, 2))
    X[77_777, 1] = 25.0
    assert rank(fit("isolation_forest", X).decision_scores_, 77_777) == 1


def test_contributions_name_the_gross_value() -> None:
    detector = fit("isolation_forest", orders())
    explained = explain_rows(detector, orders()[[700]], orders()[:100])
    assert explained.values[0].argmax() == 0
    assert explained.values[0, 0] > 0.3
    np.testing.assert_allclose(explained.residual, 0, atol=1e-12)


def test_a_forest_stored_without_gaps_scores_as_it_did() -> None:
    X = orders()
    forest = Forest.grow(X, 50, 256, seed=0)
    stored = pickle.loads(pickle.dumps(forest))
    del stored.__dict__["gaps"]  # as an earlier version pickled it
    assert [field.name for field in fields(stored)][-1] == "gaps"
    np.testing.assert_array_equal(stored.score(X), forest.score(X))
    assert (stored.saved_cuts(X) == 0).all()
