import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN

from detectors.batch.dbscan import Dbscan, DbscanConfig
from detectors.errors import DetectorError
from detectors.scaling import ColumnScaler
from detectors.validation import Matrix


@pytest.fixture
def moons() -> Matrix:
    """Two bent clusters, and a last row between them."""
    from sklearn.datasets import make_moons

    X, _ = make_moons(600, noise=0.04, random_state=0)
    return np.vstack([X, [0.5, 0.25]])


@given(
    eps=st.floats(0.05, 1.5),
    min_samples=st.integers(2, 20),
    n_features=st.integers(1, 4),
    seed=st.integers(0, 99),
)
@settings(max_examples=40, deadline=None)
def test_rows_above_eps_are_the_noise_of_dbscan(
    eps: float, min_samples: int, n_features: int, seed: int
) -> None:
    X = np.random.default_rng(seed).exponential(size=(300, n_features))
    scaled = ColumnScaler.fit(X, "robust").transform(X)
    peer = DBSCAN(eps=eps, min_samples=min_samples).fit(scaled)
    detector = Dbscan(eps=eps, min_samples=min_samples)
    if len(peer.core_sample_indices_) == 0:
        with pytest.raises(DetectorError, match=r"raise eps .* lower min_samples"):
            detector.fit(X)
    else:
        detector.fit(X)
        np.testing.assert_array_equal(detector.decision_scores_ > eps, peer.labels_ == -1)


def test_a_new_row_scores_its_distance_to_the_nearest_core_point() -> None:
    X = np.array([0.0] * 30 + [1.0] * 40 + [2.0] * 30)[:, np.newaxis]  # quartiles 0 and 2
    detector = Dbscan(min_samples=5).fit(X)
    assert detector.eps_ == 0
    new = np.array([[1.0], [1.5], [12.0], [-6.0]])
    np.testing.assert_array_equal(detector.decision_function(new), [0, 0.25, 5, 3])


def test_half_of_the_rows_are_core_points_when_eps_is_left_empty(moons: Matrix) -> None:
    scaled = ColumnScaler.fit(moons, "robust").transform(moons)
    eps = Dbscan().fit(moons).eps_
    core = DBSCAN(eps=eps, min_samples=10).fit(scaled).core_sample_indices_
    assert abs(len(core) - len(moons) / 2) <= 1


def test_a_row_between_bent_clusters_outranks_the_rows_in_them(moons: Matrix) -> None:
    detector = Dbscan().fit(moons)
    assert np.argmax(detector.decision_scores_) == len(moons) - 1
    assert detector.predict(moons[-1:]) == [1]


def test_a_core_point_alone_scores_within_eps() -> None:
    X = np.array([[-0.6], [0.0], [0.6], [40.0], [80.0]])
    detector = Dbscan(eps=0.7 / 40, min_samples=3).fit(X)
    assert detector.decision_scores_[1] <= detector.eps_
    assert np.argmax(detector.decision_scores_) == 4


def test_too_few_rows_for_a_core_point_are_refused() -> None:
    with pytest.raises(DetectorError, match="min_samples=10 rows, got 4: lower min_samples"):
        DbscanConfig().build(seed=0).fit(np.ones((4, 2)))
