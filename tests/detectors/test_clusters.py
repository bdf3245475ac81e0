import numpy as np
import pytest

from detectors.clusters import LargeClusters, count_large


@pytest.mark.parametrize(
    ("sizes", "large"),
    [
        ([60, 35, 3, 2], 2),  # 90 % of the rows and a steep fall
        ([80, 10, 5, 5], 2),  # these at different places: the share decides
        ([50, 30, 15, 5], 3),  # only the share
        ([56, 11, 11, 11, 11], 1),  # only the fall
        ([30, 25, 23, 22], 4),  # neither: all are large
        ([100], 1),
    ],
)
def test_large_clusters_end_where_size_or_share_parts_them(sizes: list[int], large: int) -> None:
    assert count_large(np.array(sizes)) == large


def test_distance_is_to_the_nearest_large_cluster() -> None:
    rng = np.random.default_rng(0)
    big, small = rng.normal(0, 0.1, size=(190, 2)), rng.normal(50, 0.1, size=(10, 2))
    clusters = LargeClusters.fit(np.vstack([big, small]), n_clusters=2, seeds=[0])
    np.testing.assert_allclose(clusters.centres[0], [big.mean(axis=0)])
    distance = clusters.distance(np.array([[3.0, 4.0], [50.0, 50.0]]))
    np.testing.assert_allclose(distance, [5, 70.7], atol=0.1)


@pytest.mark.parametrize("n_rows", [1, 3, 3000])
def test_there_are_no_more_clusters_than_rows_that_differ(n_rows: int) -> None:
    table = np.tile([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]], (n_rows, 1))[:n_rows]
    clusters = LargeClusters.fit(table, n_clusters=8, seeds=[0])
    assert len(clusters.centres[0]) <= min(n_rows, 3)
    assert np.isfinite(clusters.distance(table)).all()


def test_rows_that_differ_only_by_rounding_are_no_clusters() -> None:
    table = np.full((50, 1), 0.3)
    table[::2] = 0.1 + 0.2
    table[0] = 100.0
    assert len(LargeClusters.fit(table, n_clusters=8, seeds=[0]).centres[0]) <= 2


def test_different_rows_that_come_late_are_counted() -> None:
    table = np.zeros((3000, 1))
    table[-1] = 1.0
    clusters = LargeClusters.fit(table, n_clusters=8, seeds=[0])
    np.testing.assert_allclose(clusters.distance(table[-2:]), [0, 1], atol=1e-12)


def test_the_distance_is_the_mean_of_the_clusterings() -> None:
    table = np.random.default_rng(0).normal(size=(300, 2))
    both = LargeClusters.fit(table, 4, seeds=[3, 4]).distance(table)
    each = [LargeClusters.fit(table, 4, seeds=[seed]).distance(table) for seed in (3, 4)]
    np.testing.assert_allclose(both, np.mean(each, axis=0))


@pytest.mark.parametrize("seed", [-1, 2**32, 2**70])
def test_any_whole_number_is_a_seed(seed: int) -> None:
    table = np.random.default_rng(0).normal(size=(50, 2))
    assert len(LargeClusters.fit(table, 3, seeds=[seed]).centres) == 1
