import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from detectors.scaling import (
    ColumnScaler,
    Scaling,
    column_mean,
    column_median,
    column_quantiles,
    column_std,
)
from detectors.validation import Matrix

SCALINGS: tuple[Scaling, ...] = ("none", "standard", "robust", "mad")
LARGEST = np.finfo(np.float64).max

tables = arrays(
    np.float64,
    st.tuples(st.integers(1, 12), st.integers(1, 3)),
    elements=st.floats(allow_nan=False, allow_infinity=False),
)


def scale(X: Matrix, scaling: Scaling) -> Matrix:
    return ColumnScaler.fit(X, scaling).transform(X)


@pytest.fixture
def cloud() -> Matrix:
    return np.random.default_rng(0).normal(size=(500, 3))


@given(tables, st.sampled_from(SCALINGS))
def test_any_finite_table_scales_to_finite_values_and_stays_as_it_was(
    X: Matrix, scaling: Scaling
) -> None:
    before = X.copy()
    scaled = scale(X, scaling)
    assert np.isfinite(scaled).all()
    assert np.abs(scaled).max() <= 1e100
    np.testing.assert_array_equal(X, before)


@given(tables)
def test_medians_are_those_of_numpy_where_those_are_finite(X: Matrix) -> None:
    with np.errstate(over="ignore"):
        expected = np.median(X, axis=0)
    medians = column_median(X)
    assert np.isfinite(medians).all()
    finite = np.isfinite(expected)
    np.testing.assert_allclose(medians[finite], expected[finite], rtol=1e-15, atol=1e-323)


@pytest.mark.parametrize("magnitude", [1e-300, 1e-9, 1.0, 1e9, 1e300])
def test_a_standard_scaled_column_has_mean_0_and_deviation_1(
    cloud: Matrix, magnitude: float
) -> None:
    scaled = scale(cloud * magnitude, "standard")
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(scaled.std(axis=0), 1)


@pytest.mark.parametrize("magnitude", [1e-300, 1e-9, 1.0, 1e9, 1e300])
def test_a_robust_scaled_column_has_median_0_and_interquartile_range_1(
    cloud: Matrix, magnitude: float
) -> None:
    low, median, high = np.quantile(scale(cloud * magnitude, "robust"), [0.25, 0.5, 0.75], axis=0)
    np.testing.assert_allclose(median, 0, atol=1e-12)
    np.testing.assert_allclose(high - low, 1)


def test_all_scalings_but_none_agree_on_normal_data_up_to_a_factor() -> None:
    X = np.random.default_rng(0).normal(5, 2, size=(200_000, 1))
    np.testing.assert_allclose(ColumnScaler.fit(X, "standard").spread, 2, rtol=0.02)
    np.testing.assert_allclose(ColumnScaler.fit(X, "mad").spread, 2, rtol=0.02)
    np.testing.assert_allclose(ColumnScaler.fit(X, "robust").spread, 2 * 1.349, rtol=0.02)


@pytest.mark.parametrize("scaling", ["standard", "robust", "mad"])
@pytest.mark.parametrize("value", [0.1, -1.7e9, 1e300, 1e-300])
def test_a_constant_column_becomes_exactly_0(scaling: Scaling, value: float) -> None:
    scaler = ColumnScaler.fit(np.full((49, 1), value), scaling)
    assert scaler.spread == 1
    assert (scaler.transform(np.full((3, 1), value)) == 0).all()


def test_a_spread_of_0_gives_way_to_the_next_wider_one() -> None:
    # Most values equal: no median absolute deviation. A quarter at most differ: no quartiles.
    three_fifths = np.array([0.0] * 60 + [10.0] * 40)[:, np.newaxis]
    nearly_all = np.array([0.0] * 95 + [10.0] * 5)[:, np.newaxis]
    assert ColumnScaler.fit(three_fifths, "mad").spread == 10
    assert ColumnScaler.fit(nearly_all, "mad").spread == column_std(nearly_all)
    assert ColumnScaler.fit(nearly_all, "robust").spread == column_std(nearly_all)


@given(tables, st.integers(-30, 30), st.sampled_from(["standard", "robust", "mad"]))
def test_units_that_are_powers_of_two_change_no_bit(
    X: Matrix, power: int, scaling: Scaling
) -> None:
    X = np.where(np.abs(X) < 1e-200, 0, np.clip(X, -1e200, 1e200))
    scaler, other = ColumnScaler.fit(X, scaling), ColumnScaler.fit(X * 2.0**power, scaling)
    varies = column_std(X) > 0
    np.testing.assert_array_equal(
        scaler.transform(X)[:, varies], other.transform(X * 2.0**power)[:, varies]
    )


def test_small_differences_far_from_0_are_kept(cloud: Matrix) -> None:
    far = np.round(cloud, 3) + 1.7e9
    np.testing.assert_allclose(scale(far, "robust"), scale(np.round(cloud, 3), "robust"), atol=1e-6)


def test_a_row_far_beyond_the_training_data_is_clipped_not_infinite(cloud: Matrix) -> None:
    scaler = ColumnScaler.fit(cloud * 1e-300, "robust")
    np.testing.assert_array_equal(
        scaler.transform(np.array([[LARGEST, -LARGEST, 0.0]]))[0, :2], [1e100, -1e100]
    )


def test_moments_and_quantiles_hold_up_to_the_largest_float() -> None:
    X = np.array([[-LARGEST], [-LARGEST], [LARGEST], [LARGEST]])
    assert column_mean(X) == 0
    assert column_std(X) == LARGEST
    np.testing.assert_array_equal(column_quantiles(X, [0.25, 0.5]), [[-LARGEST], [0]])


def test_the_mean_of_equal_values_is_that_value() -> None:
    assert column_mean(np.full((49, 1), 0.1)) == 0.1
