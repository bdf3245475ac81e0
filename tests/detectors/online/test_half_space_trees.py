import numpy as np
import pytest
from river.anomaly import HalfSpaceTrees
from scipy.stats import spearmanr

from detectors.kernels.half_space_trees import count_rows, halve
from detectors.registry import build_online_detector
from detectors.validation import Matrix, Vector

WINDOW = 250


def groups(n: int) -> Matrix:
    """Two groups of rows, and rows anywhere, in columns from 0 to 1."""
    rng = np.random.default_rng(3)
    centre = np.where(rng.random((n, 1)) < 0.7, 0.35, 0.75)
    rows = centre + 0.06 * rng.normal(size=(n, 3))
    odd = rng.random(n) < 0.15
    rows[odd] = rng.random((odd.sum(), 3))
    clipped: Matrix = rows.clip(0, 1)
    return clipped


def by_river(rows: Matrix, n_trees: int) -> Vector:
    model = HalfSpaceTrees(n_trees=n_trees, height=8, window_size=WINDOW, seed=1)
    scores = []
    for row in rows:
        x = dict(enumerate(row))
        scores.append(model.score_one(x))
        model.learn_one(x)
    return np.array(scores)


def test_rows_are_ranked_as_river_ranks_them_when_it_is_given_ranges() -> None:
    rows = groups(750)
    choice = {"algorithm": "half_space_trees", "n_trees": 200, "window": WINDOW}
    scores = build_online_detector(choice, 3).score_learn_many(rows * [1e-3, 1.0, 1e6] + 7)
    expected = by_river(rows, n_trees=60)
    assert spearmanr(scores[WINDOW:], expected[WINDOW:]).statistic > 0.85


def test_a_tree_halves_its_space_and_counts_the_rows_in_each_half() -> None:
    feature, cut = np.zeros((5, 8), np.int32), np.zeros((5, 8))
    bottom, top = np.zeros((2, 5, 2))
    halve(np.uint64(1), feature, cut, bottom, top)
    assert (bottom <= 0).all()
    assert (top >= 1).all()
    rows = np.random.default_rng(0).random((100, 2))
    mass = np.zeros((5, 16), np.int64)
    count_rows(rows, feature, cut, mass)
    inner = np.arange(1, 8)
    assert (mass[:, 1] == 100).all()
    np.testing.assert_array_equal(mass[:, 2 * inner] + mass[:, 2 * inner + 1], mass[:, inner])
    left_of_root = [(rows[:, feature[t, 1]] <= cut[t, 1]).sum() for t in range(5)]
    np.testing.assert_array_equal(mass[:, 2], left_of_root)


@pytest.mark.parametrize("offset", [0.0, 1.7e9])
def test_a_new_range_is_known_after_a_window(offset: float) -> None:
    rng = np.random.default_rng(1)
    rows = np.concatenate([rng.normal(size=(400, 1)), offset + 1e-3 * rng.normal(size=(600, 1))])
    rows[-1] = offset + 0.02
    detector = build_online_detector({"algorithm": "half_space_trees", "window": 200}, 1)
    scores = detector.score_learn_many(rows)
    assert scores[-1] > scores[-200:-1].max()
    assert np.median(scores[-200:-1]) < 0.5


def test_one_giant_does_not_blind_the_next_window() -> None:
    rows = np.random.default_rng(2).normal(size=(401, 2))
    rows[150] = 1e12
    rows[-1] = 9.0
    detector = build_online_detector({"algorithm": "half_space_trees", "window": 200}, 2)
    scores = detector.score_learn_many(rows)
    assert scores[-1] > detector.threshold
    assert (scores[200:-1] > detector.threshold).mean() < 0.05


def test_spikes_that_come_back_outrank_all_other_rows() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(40, 3, (6000, 1))
    places = rng.choice(np.arange(300, 6000), 12, replace=False)
    rows[places[:8]] += 60
    rows[places[8:]] -= 36
    detector = build_online_detector("half_space_trees", 1)
    scores = detector.score_learn_many(rows)
    assert (scores[places] > 0.99).all()
    others = np.delete(scores, places)
    assert others.max() < 0.99
    assert (others > detector.threshold).sum() <= 10
