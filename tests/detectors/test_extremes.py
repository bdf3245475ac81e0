import numpy as np

from detectors.extremes import EXTREME, RobustScale


def test_modified_z_scores_match_standard_ones_on_gaussian_data():
    X = np.random.default_rng(0).normal(5, 2, (20_000, 1))
    z = RobustScale.fit(X).z(np.array([[5.0], [7.0], [1.0]]))
    assert np.allclose(z[:, 0], [0, 1, -2], atol=0.05)


def test_one_huge_value_does_not_hide_itself():
    X = np.array([[0.0], [1.0], [2.0], [3.0], [1e9]])
    z = RobustScale.fit(X).z(X)
    assert z[4, 0] > EXTREME
    assert abs(z[3, 0]) < EXTREME


def test_a_mostly_constant_column_is_spread_by_its_standard_deviation():
    X = np.zeros((100, 1))
    X[7] = 5.0
    z = RobustScale.fit(X).z(X)
    assert z[7, 0] > EXTREME
    assert z[0, 0] == 0.0


def test_a_constant_column_has_no_extremes():
    X = np.full((10, 2), 3.0)
    assert (RobustScale.fit(X).z(X) == 0).all()


def test_the_largest_floats_give_finite_scales():
    X = np.array([[1.7e308], [-1.7e308], [0.0], [1e-300]])
    scale = RobustScale.fit(X)
    assert np.isfinite(scale.spread).all()
    assert np.isfinite(scale.z(X)).all()


def test_a_value_out_of_all_proportion_has_a_finite_score():
    X = np.array([[1e-300], [2e-300], [3e-300], [1e300]])
    z = RobustScale.fit(X).z(X)
    assert np.isfinite(z).all()
    assert z[3, 0] > 1e300


def test_values_that_stand_in_for_missing_ones_take_no_part_in_the_spread():
    rng = np.random.default_rng(0)
    present = rng.normal(60, 2, 480)
    X = np.concatenate([present, np.full(520, np.median(present))])[:, np.newaxis]
    imputed = (np.arange(1000) >= 480)[:, np.newaxis]
    z = RobustScale.fit(X, imputed).z(X)
    assert np.allclose(z[:480], RobustScale.fit(X[:480]).z(X[:480]))
    assert np.abs(z).max() < 5


def test_a_column_without_any_present_value_has_no_extremes():
    X = np.full((10, 1), 3.0)
    assert (RobustScale.fit(X, np.ones((10, 1), dtype=bool)).z(X) == 0).all()
