import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from detectors.neighbours import Neighbours


@given(
    n_rows=st.integers(2, 700),
    n_features=st.integers(1, 6),
    k=st.integers(1, 60),
    distinct=st.sampled_from([2, 10, 10**6]),
    seed=st.integers(0, 1000),
)
@settings(max_examples=60, deadline=None)
def test_distances_are_those_of_an_exhaustive_search(
    n_rows: int, n_features: int, k: int, distinct: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    table = rng.integers(0, distinct, size=(n_rows, n_features)).astype(float)
    rows = rng.integers(0, distinct, size=(20, n_features)).astype(float)
    k = min(k, n_rows - 1)
    peer = NearestNeighbors(n_neighbors=k, algorithm="brute", metric="l2").fit(table)
    neighbours = Neighbours(table)
    one_more = peer.kneighbors(rows, k + 1)[0]
    is_equal = one_more[:, :1] < 0.5  # values are whole numbers
    for found, expected in (
        (neighbours.of_table(k), peer.kneighbors()[0]),
        (neighbours.of(rows, k), np.where(is_equal, one_more[:, 1:], one_more[:, :-1])),
    ):
        tolerance = 1e-6 * distinct  # the peer subtracts squares
        np.testing.assert_allclose(found.mean, expected.mean(axis=1), atol=tolerance)
        np.testing.assert_allclose(found.farthest, expected[:, -1], atol=tolerance)


def test_a_row_of_the_table_is_not_its_own_neighbour() -> None:
    neighbours = Neighbours(np.array([[0.0], [1.0], [10.0]]))
    np.testing.assert_array_equal(neighbours.of_table(1).mean, [1, 1, 9])
    np.testing.assert_array_equal(neighbours.of(np.array([[10.0]]), 1).mean, [9])


def test_but_an_equal_row_is_its_neighbour() -> None:
    neighbours = Neighbours(np.array([[5.0], [5.0], [7.0]]))
    np.testing.assert_array_equal(neighbours.of_table(1).mean, [0, 0, 2])


def test_a_single_row_has_no_neighbour() -> None:
    assert Neighbours(np.ones((1, 2))).of_table(0).mean == [0]


def test_a_distance_does_not_depend_on_the_other_rows_asked_for() -> None:
    rng = np.random.default_rng(0)
    neighbours, rows = Neighbours(rng.normal(size=(2000, 4))), rng.normal(size=(10_000, 4))
    together = neighbours.of(rows, 7)
    np.testing.assert_array_equal(neighbours.of(rows[9000:], 7).mean, together.mean[9000:])


def test_equal_distances_have_equal_means_to_the_last_bit() -> None:
    # Rows and their mirror images find the same distances in another order.
    half = np.round(np.random.default_rng(0).normal(size=(1000, 3)), 2)
    mean = Neighbours(np.vstack([half, -half])).of_table(50).mean
    np.testing.assert_array_equal(mean[:1000], mean[1000:])


@pytest.mark.parametrize("n_rows", [127, 128, 129, 1000, 1025])
def test_many_equal_rows_are_shared_out_among_leaves(n_rows: int) -> None:
    table = np.zeros((n_rows, 2))
    table[0] = 3.0, 4.0
    found = Neighbours(table).of_table(5)
    np.testing.assert_array_equal(found.mean, [5.0] + [0.0] * (n_rows - 1))


def test_values_as_large_as_scaling_lets_through_have_finite_distances() -> None:
    table = np.array([[1e100] * 4, [-1e100] * 4, [0.0] * 4])
    assert np.isfinite(Neighbours(table).of_table(2).farthest).all()


def test_a_new_row_that_equals_rows_of_the_table_is_as_far_as_they_are() -> None:
    table = np.random.default_rng(0).integers(0, 3, size=(400, 3)).astype(float)
    table = np.vstack([table, [[9.0, 9.0, 9.0]]])
    neighbours = Neighbours(table)
    for k in (1, 5, 100):
        for anew, own in zip(neighbours.of(table, k), neighbours.of_table(k), strict=True):
            np.testing.assert_array_equal(anew, own)


def test_the_nearest_row_of_all_may_be_an_equal_one() -> None:
    neighbours = Neighbours(np.array([[0.0], [1.0], [10.0]]))
    np.testing.assert_array_equal(neighbours.to_nearest(np.array([[10.0], [12.0]])), [0, 2])
