import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import spearmanr

from detectors.clean_twin import draw_clean_twin
from detectors.validation import Matrix


@pytest.fixture(scope="module")
def related() -> Matrix:
    rng = np.random.default_rng(0)
    first = rng.normal(size=4000)
    second = np.exp(0.8 * first + 0.6 * rng.normal(size=4000))
    return np.column_stack([first, second, rng.uniform(size=4000)])


def test_columns_keep_their_distribution(related: Matrix) -> None:
    twin = draw_clean_twin(related, 1)
    shares = [0.05, 0.25, 0.5, 0.75, 0.95]
    spread = related.std(axis=0)
    gap = np.quantile(twin, shares, axis=0) - np.quantile(related, shares, axis=0)
    assert np.abs(gap / spread).max() < 0.1


def test_columns_keep_their_rank_correlation(related: Matrix) -> None:
    twin = draw_clean_twin(related, 1)
    np.testing.assert_allclose(spearmanr(twin)[0], spearmanr(related)[0], atol=0.05)


def test_a_seed_gives_one_twin_and_another_seed_another(related: Matrix) -> None:
    np.testing.assert_array_equal(draw_clean_twin(related, 1), draw_clean_twin(related, 1))
    assert (draw_clean_twin(related, 1) != draw_clean_twin(related, 2)).any()


def test_the_table_is_left_as_it_was(related: Matrix) -> None:
    before = related.copy()
    draw_clean_twin(related, 1)
    np.testing.assert_array_equal(related, before)


@pytest.mark.parametrize(("n_rows", "size"), [(1, 2000), (3000, 3000), (25_000, 20_000)])
def test_a_twin_has_between_2000_and_20000_rows(n_rows: int, size: int) -> None:
    X = np.random.default_rng(0).normal(size=(n_rows, 2))
    assert draw_clean_twin(X, 0).shape == (size, 2)


def test_the_twin_of_a_wide_table_has_fewer_rows(
    related: Matrix, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("detectors.clean_twin._MAX_CELLS", 9_000)
    assert draw_clean_twin(related, 0).shape == (3_000, 3)


def test_what_anomalies_hold_does_not_come_back(related: Matrix) -> None:
    X = related.copy()
    X[:80, 0] = np.random.default_rng(1).normal(100, 1, size=80)
    X[80:160, 1] = np.random.default_rng(1).normal(-100, 1, size=80)
    twin = draw_clean_twin(X, 0)
    assert twin[:, 0].max() < 20
    assert twin[:, 1].min() > -20


def test_discrete_columns_stay_discrete_and_keep_their_shares() -> None:
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.random(5000) < 0.02, rng.integers(0, 5, 5000)]).astype(float)
    twin = draw_clean_twin(X, 0)
    for column, drawn in zip(X.T, twin.T, strict=True):
        levels, counts = np.unique(column, return_counts=True)
        drawn_levels, drawn_counts = np.unique(drawn, return_counts=True)
        np.testing.assert_array_equal(drawn_levels, levels)
        np.testing.assert_allclose(drawn_counts, counts, atol=150)


def test_constant_columns_stay_constant_and_disturb_no_other(related: Matrix) -> None:
    X = np.column_stack([related, np.full(len(related), 7.0)])
    twin = draw_clean_twin(X, 0)
    np.testing.assert_array_equal(twin[:, 3], 7.0)
    np.testing.assert_allclose(spearmanr(twin[:, :3])[0], spearmanr(related)[0], atol=0.05)


def test_equal_columns_stay_equal() -> None:
    column = np.random.default_rng(0).normal(size=(500, 1))
    twin = draw_clean_twin(np.hstack([column, column, -column]), 0)
    np.testing.assert_allclose(twin[:, 0], twin[:, 1], atol=0.05)
    np.testing.assert_allclose(twin[:, 0], -twin[:, 2], atol=0.05)


@pytest.mark.parametrize("scale", [1e-300, 1e-9, 1e300, 1e307])
def test_the_twin_of_a_scaled_table_is_the_scaled_twin(related: Matrix, scale: float) -> None:
    X = related[:, [0, 2]]
    np.testing.assert_allclose(
        draw_clean_twin(X * scale, 0) / scale, draw_clean_twin(X, 0), rtol=1e-6, atol=1e-9
    )


@given(
    arrays(
        np.float64,
        st.tuples(st.integers(1, 12), st.integers(1, 15)),
        elements=st.floats(allow_nan=False, allow_infinity=False),
    )
)
@settings(max_examples=40, deadline=None)
def test_the_twin_of_any_finite_table_is_finite(X: Matrix) -> None:
    twin = draw_clean_twin(X, 0)
    assert np.isfinite(twin).all()
    assert twin.shape == (2000, X.shape[1])


def test_a_column_with_a_main_level_keeps_its_share_and_the_spread_of_the_others() -> None:
    rng = np.random.default_rng(0)
    others = rng.normal(30, 1, size=5000)
    X = np.where(rng.random(5000) < 0.1, others, 30.0)[:, None]
    twin = draw_clean_twin(X, 0)[:, 0]
    is_other = twin != 30.0
    assert is_other.mean() == pytest.approx(0.1, abs=0.02)
    assert twin[is_other].std() == pytest.approx(1.0, abs=0.1)


def test_columns_that_are_filled_together_are_so_in_the_twin() -> None:
    rng = np.random.default_rng(0)
    is_filled = rng.random((5000, 1)) < 0.1
    X = np.where(is_filled, rng.normal(30, 1, size=(5000, 4)), 30.0)
    n_filled = (draw_clean_twin(X, 0) != 30.0).sum(axis=1)
    assert set(n_filled) == {0, 4}


def test_a_related_column_follows_what_is_filled() -> None:
    rng = np.random.default_rng(0)
    is_filled = rng.random(5000) < 0.2
    related = rng.normal(3.0 * is_filled)
    X = np.column_stack([np.where(is_filled, rng.normal(30, 1, 5000), 0.0), related])
    twin = draw_clean_twin(X, 0)
    gap = twin[twin[:, 0] != 0, 1].mean() - twin[twin[:, 0] == 0, 1].mean()
    assert gap == pytest.approx(3.0, abs=0.4)


def test_rare_categories_keep_their_share() -> None:
    shares = [0.3, 0.3, 0.38, *[0.005] * 4]
    X = np.random.default_rng(0).choice(7, (5000, 3), p=shares).astype(float)
    twin = draw_clean_twin(X, 0)
    assert (twin > 2.5).mean() == pytest.approx(0.02, abs=0.006)


def test_rounded_values_stay_rounded() -> None:
    X = np.random.default_rng(0).normal(size=(5000, 2)).round()
    twin = draw_clean_twin(X, 0)
    inside = (twin >= X.min(axis=0)) & (twin <= X.max(axis=0))
    np.testing.assert_array_equal(twin[inside], twin[inside].round())
    np.testing.assert_allclose((np.abs(twin) >= 3).mean(), (np.abs(X) >= 3).mean(), atol=0.006)


def test_rows_that_repeat_often_keep_their_share_and_no_other_row_comes_of_their_values() -> None:
    rows = np.random.default_rng(0).normal(size=(8, 3))
    X = rows[np.random.default_rng(1).integers(0, 8, 4000)]
    assert set(map(tuple, draw_clean_twin(X, 0))) == set(map(tuple, X))


def test_normal_columns_have_normal_tails() -> None:
    X = np.random.default_rng(0).normal(size=(20_000, 6))
    twin = draw_clean_twin(X, 0, least=100_000)
    for share, z in ((1e-2, 2.33), (1e-3, 3.09), (1e-4, 3.72)):
        assert np.quantile(twin, 1 - share) == pytest.approx(z, abs=0.25)
