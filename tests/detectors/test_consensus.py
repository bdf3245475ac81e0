import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata
from sklearn.cluster import KMeans
from sklearn.datasets import load_wine
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import NearestNeighbors

from detectors.batch.consensus import Consensus, ConsensusConfig
from detectors.validation import Matrix, Vector


@pytest.fixture
def cloud() -> Matrix:
    rows = np.random.default_rng(0).normal(size=(400, 4))
    rows[:3] = [[6, -6, 6, -6], [7, 0, 0, 9], [-5, -5, 5, 5]]
    return rows


def score(X: Matrix, **parameters: int) -> Vector:
    return Consensus(**parameters).fit(X).decision_scores_


def score_plainly(X: Matrix) -> Vector:
    """The method again, from plain parts and without care for speed or edges."""
    n = len(X)
    low, median, high = np.quantile(X, [0.25, 0.5, 0.75], axis=0)
    robust = (X - median) / (high - low)
    standard = (X - X.mean(axis=0)) / X.std(axis=0)
    sparsity = np.zeros(n)
    for values in standard.T:
        gains = []
        for bins in range(1, int(np.sqrt(n))):
            counts, _ = np.histogram(values, bins)
            penalty = bins - 1 + np.log(bins) ** 2.5
            gains.append(np.sum(counts * np.log(bins * counts / n + 1) - penalty))
        density, edges = np.histogram(values, int(np.argmax(gains)) + 1, density=True)
        place = np.clip(np.digitize(values, edges) - 1, 0, len(density) - 1)
        sparsity -= np.log2(density[place] + 0.1)
    drawn_in = np.sign(robust) * np.log1p(np.abs(robust))
    to_clusters = np.zeros(n)
    for seed in range(5):
        k_means = KMeans(8, random_state=seed).fit(drawn_in)
        by_size = np.argsort(-np.bincount(k_means.labels_))
        share = np.cumsum(np.bincount(k_means.labels_)[by_size]) / n
        large = by_size[: int(np.argmax(share >= 0.9)) + 1]
        to_large = np.linalg.norm(drawn_in[:, None] - k_means.cluster_centers_[large], axis=2)
        to_clusters += to_large.min(axis=1) / 5
    neighbours, _ = NearestNeighbors(n_neighbors=50).fit(robust).kneighbors()
    members = (sparsity, to_clusters, neighbours.mean(axis=1))
    return np.mean([-np.log((n - rankdata(s) + 0.5) / n) for s in members], axis=0)


def test_scores_are_those_of_the_method_computed_plainly() -> None:
    X = load_wine().data
    X *= np.random.default_rng(0).lognormal(0, 1e-3, X.shape)  # off the edges of bins
    np.testing.assert_allclose(score(X), score_plainly(X), atol=1e-9)


def test_planted_outliers_outrank_every_inlier(cloud: Matrix) -> None:
    detector = Consensus().fit(cloud)
    assert set(np.argsort(-detector.decision_scores_)[:3]) == {0, 1, 2}
    new = np.vstack([cloud[3:50], np.full(4, 9.0)])
    assert np.argmax(detector.decision_function(new)) == len(new) - 1


def test_new_rows_are_ranked_among_the_training_rows(cloud: Matrix) -> None:
    detector = Consensus().fit(cloud)
    far, middle = detector.decision_function(np.array([[99.0] * 4, [0.0] * 4]))
    assert far > np.log(2 * len(cloud))
    assert 0 <= middle < 0.5


def test_a_new_row_scores_the_same_alone_and_in_company(cloud: Matrix) -> None:
    detector = Consensus().fit(cloud)
    together = detector.decision_function(cloud)
    alone = [detector.decision_function(row[np.newaxis])[0] for row in cloud[:20]]
    np.testing.assert_array_equal(together[:20], alone)


@pytest.mark.parametrize("factor", [3.7, 1e-6, 1e9, 1e-300, 1e250])
def test_scores_do_not_change_when_columns_change_units(factor: float) -> None:
    X = np.round(load_wine().data, 1)  # discrete, so that values sit on edges of bins
    factors = np.where(np.arange(X.shape[1]) % 2 == 0, factor, 1.0)
    before, after = Consensus().fit(X), Consensus().fit(X * factors)
    np.testing.assert_allclose(before.decision_scores_, after.decision_scores_, atol=1e-12)
    np.testing.assert_allclose(
        before.decision_function(X[::7]), after.decision_function(X[::7] * factors), atol=1e-12
    )


@given(
    st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=1, max_size=60),
    st.sampled_from([3.7, 1e-6, 1 / 3]),
)
@settings(max_examples=25, deadline=None)
def test_ties_survive_a_change_of_units(rows: list[tuple[int, int]], factor: float) -> None:
    X = np.array(rows, dtype=float)
    np.testing.assert_allclose(score(X), score(X * [1.0, factor]), atol=1e-12)


def test_equal_rows_score_alike() -> None:
    X = np.repeat(np.random.default_rng(0).normal(size=(60, 3)), 3, axis=0)
    np.testing.assert_array_equal(score(X)[::3], score(X)[1::3])


def test_a_seed_chooses_the_clusterings(cloud: Matrix) -> None:
    np.testing.assert_array_equal(score(cloud, seed=7), score(cloud, seed=7))
    assert (score(cloud, seed=7) != score(cloud, seed=8)).any()
    # Of the five seeds from 0 on and from 1 on, four are the same.
    assert np.corrcoef(score(cloud, seed=0), score(cloud, seed=1))[0, 1] > 0.99


def test_parameters_of_the_form_reach_the_detector() -> None:
    config = ConsensusConfig(n_neighbors=5, n_clusters=3, n_runs=2)
    detector = config.build(seed=9)
    assert (detector.n_neighbors, detector.n_clusters) == (5, 3)
    assert (detector.n_runs, detector.seed) == (2, 9)


if "VIGIL_SHARED_DATA" in os.environ:
    SHARED = Path(os.environ["VIGIL_SHARED_DATA"])

    @pytest.mark.parametrize(
        "path", sorted((SHARED / "consensus").glob("*.csv")), ids=lambda p: p.stem
    )
    def test_the_published_scores_are_reproduced(path: Path) -> None:
        expected = pd.read_csv(path)["score"].to_numpy()
        table = pd.read_csv(SHARED / "tabular" / path.name)
        found = score(table.filter(regex="^x").to_numpy())
        # A value that the file rounds away from the edge of a bin may be in the other bin.
        assert np.mean(np.abs(found - expected) > 1e-3) < 0.002
        auroc = [roc_auc_score(table["is_outlier"], scores) for scores in (found, expected)]
        assert auroc[0] == pytest.approx(auroc[1], abs=0.005)
