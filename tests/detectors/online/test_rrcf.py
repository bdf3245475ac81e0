import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import spearmanr

from detectors.kernels.random_cut_trees import empty_trees, insert, rebuild, remove
from detectors.registry import build_online_detector
from detectors.validation import Matrix
from tests.detectors.online.feeds import noise, times
from tests.detectors.online.slow_rrcf import slow_rrcf


def clustered(n: int, n_columns: int) -> Matrix:
    """Two groups of rows with some rows between and outside, one of three repeated."""
    rng = np.random.default_rng(8)
    rows = rng.normal(size=(n, n_columns)) + 8.0 * rng.integers(0, 2, (n, 1))
    odd = rng.random(n) < 0.1
    rows[odd] = rng.uniform(-6, 14, (odd.sum(), n_columns))
    return np.where(rng.random((n, 1)) < 0.3, rows.round(), rows)


@pytest.mark.parametrize(("n_columns", "shingle"), [(1, 1), (2, 1), (1, 3)])
def test_scores_rank_rows_as_trees_grown_anew_do(n_columns: int, shingle: int) -> None:
    rows = clustered(300, n_columns)
    choice = {"algorithm": "rrcf", "window": 48, "n_trees": 100, "shingle": shingle}
    scores = build_online_detector(choice, n_columns).score_learn_many(rows)
    asked = range(150, 300, 5)
    expected = slow_rrcf(rows, asked, window=48, n_trees=40, shingle=shingle, seed=1)
    found = scores[asked]
    assert spearmanr(found, expected).statistic > 0.85
    np.testing.assert_allclose(found.mean(), expected.mean(), rtol=0.1)


def test_a_shingle_sees_an_odd_sequence_of_ordinary_values() -> None:
    rng = np.random.default_rng(0)
    rows = np.tile([0.0, 10.0, 20.0], 300)[:, None] + rng.normal(size=(900, 1)) / 10
    rows[700:702] = [[10.0], [0.0]]
    by_shingle = {
        shingle: build_online_detector({"algorithm": "rrcf", "shingle": shingle}, 1)
        .score_learn_many(rows)[300:]
        for shingle in (1, 3)
    }  # fmt: skip
    assert by_shingle[3][400:404].max() == by_shingle[3].max()
    assert by_shingle[1][400:404].max() < by_shingle[1].max()


def test_the_unit_of_a_column_does_not_matter() -> None:
    rows = clustered(400, 2)
    detectors = [build_online_detector("rrcf", 2) for _ in range(2)]
    plain, scaled = (
        detector.score_learn_many(rows * units)
        for detector, units in zip(detectors, ([1.0, 1.0], [1e6, 1e-6]), strict=True)
    )
    assert spearmanr(plain[30:], scaled[30:]).statistic > 0.99


def test_the_parts_of_the_columns_add_up_to_the_score() -> None:
    rows = noise(400, 3)
    choice = {"algorithm": "rrcf", "window": 100, "shingle": 2}
    found = build_online_detector(choice, 3).observe_many(rows, times(400))
    np.testing.assert_allclose(found.column_scores.sum(axis=1), found.scores, rtol=1e-9)


@given(
    points=arrays(
        np.float64, st.tuples(st.integers(2, 40), st.just(2)), elements=st.integers(0, 4)
    ),
    window=st.integers(1, 8),
)
@settings(max_examples=40, deadline=None)
def test_what_is_derived_is_as_derived_anew_however_points_came_and_went(
    points: Matrix, window: int
) -> None:
    trees = empty_trees(3, window, 2)
    generators = np.arange(1, 4, dtype=np.uint64)[:, None]
    leaves: list[int] = []
    for point in points:
        if len(leaves) > window:
            remove(trees, leaves.pop(0))
        leaves.append(insert(trees, point, generators, np.ones(2)))
    while len(leaves) > 2:
        remove(trees, leaves.pop(1))
    n_leaves = len({tuple(trees.points[leaf]) for leaf in leaves})
    assert trees.n_leaves[0] == n_leaves
    assert trees.points_at.sum() == len(leaves)
    in_use = [
        (tree, node)
        for tree in range(3)
        for node in set(range(window)) - set(trees.free_nodes[tree, n_leaves - 1 :].tolist())
    ]
    assert len(in_use) == 3 * (n_leaves - 1)
    before = {name: getattr(trees, name).copy() for name in ("parent", "mass", "low", "high")}
    rebuild(trees)
    for tree, node in in_use:
        for name, array in before.items():
            np.testing.assert_array_equal(
                getattr(trees, name)[tree, node], array[tree, node], err_msg=name
            )
        assert trees.mass[tree, node] >= 2
        inside = trees.points[leaves] <= trees.high[tree, node]
        assert inside.all(axis=1).any()
