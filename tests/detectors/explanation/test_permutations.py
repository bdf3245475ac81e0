import numpy as np
import pytest

from detectors.errors import DetectorError
from detectors.explanation.permutations import sample_contributions
from detectors.validation import Matrix, Vector


def rows(n_rows: int, n_features: int, seed: int) -> Matrix:
    return np.random.default_rng(seed).normal(size=(n_rows, n_features))


def products(X: Matrix) -> Vector:
    """Every column times the next one."""
    return (X[:, :-1] * X[:, 1:]).sum(axis=1)


def test_interactions_of_two_features_are_shared_out_exactly() -> None:
    X, background = rows(4, 12, seed=0), rows(30, 12, seed=1)
    # One pair of permutations for each background row.
    values = sample_contributions(products, X, background, 30 * 22, seed=2)
    # x y - a b is (x - a)(y + b)/2, which is for x, and (x + a)(y - b)/2, which is for y.
    expected = np.zeros_like(values)
    for a in background:
        change, total = X - a, X + a
        expected[:, :-1] += change[:, :-1] * total[:, 1:] / 2
        expected[:, 1:] += change[:, 1:] * total[:, :-1] / 2
    np.testing.assert_allclose(values, expected / len(background), atol=1e-12)


@pytest.mark.parametrize("n_pairs", [10, 45, 100, 250])
def test_squares_are_shared_out_exactly_whatever_part_of_the_background_is_taken(
    n_pairs: int,
) -> None:
    X = rows(4, 12, seed=0)
    background = np.clip(rows(100, 12, seed=1), -1.5, 1.5)  # not so far out as to be drawn in
    values = sample_contributions(
        lambda mixed: (mixed**2).sum(axis=1), X, background, n_pairs * 22, seed=2
    )
    np.testing.assert_allclose(values, X**2 - (background**2).mean(axis=0), atol=1e-9)


def test_units_and_extremes_of_the_background_do_not_disturb() -> None:
    X, background = rows(2, 12, seed=0), rows(100, 12, seed=1)
    background[3, 4] = 1e12
    values = sample_contributions(
        lambda mixed: np.tanh(mixed).sum(axis=1), X, background, 45 * 22, seed=2
    )
    expected = np.tanh(X) - np.tanh(background).mean(axis=0)
    np.testing.assert_allclose(values, expected, atol=0.2)


def test_more_than_can_be_done_in_bounded_time_is_refused_before_it_starts() -> None:
    X = rows(40, 2000, seed=0)
    with pytest.raises(
        DetectorError, match="at most 17 rows at a time, or choose isolation_forest"
    ):
        sample_contributions(products, X, X, 2000 * 70, seed=0)
