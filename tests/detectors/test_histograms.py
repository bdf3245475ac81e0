import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from detectors.histograms import Histogram
from detectors.validation import Vector


def find_bins(values: Vector) -> Vector:
    """Bin of each value: equal densities in neighbouring bins do not matter here."""
    return Histogram.fit(values).density_at(values) * np.ptp(values)


def test_the_densities_make_up_all_rows() -> None:
    histogram = Histogram.fit(np.random.default_rng(0).normal(size=2000))
    assert len(histogram.density) > 5
    assert histogram.density.sum() * histogram.width == pytest.approx(1)


def test_the_number_of_bins_is_that_of_pyod_where_no_value_is_on_an_edge() -> None:
    from pyod.utils.utility import get_optimal_n_bins

    rng = np.random.default_rng(0)
    for values in (rng.normal(size=700), rng.exponential(size=1500), rng.uniform(size=90)):
        histogram = Histogram.fit(values)
        assert len(histogram.density) == get_optimal_n_bins(values)
        expected, _ = np.histogram(values, len(histogram.density), density=True)
        np.testing.assert_allclose(histogram.density, expected)


@given(
    st.lists(st.integers(-20, 20), min_size=9, max_size=200),
    st.sampled_from([3.7, 1e-6, 1 / 3, 1e9]),
    st.integers(-1000, 1000),
)
def test_no_discrete_value_changes_bins_with_the_unit(
    values: list[int], factor: float, offset: int
) -> None:
    assume(len(set(values)) > 1)
    discrete = np.array(values, dtype=float)
    np.testing.assert_allclose(find_bins(discrete * factor + offset * factor), find_bins(discrete))


def test_a_value_on_an_inner_edge_belongs_to_the_bin_above_it() -> None:
    histogram = Histogram(low=0.0, width=0.1, density=np.array([1.0, 2.0, 3.0]))
    on_edges = np.array([0.0, 0.1, 0.2, 0.1 + 0.1 + 0.1])
    np.testing.assert_array_equal(histogram.density_at(on_edges), [1, 2, 3, 3])


def test_beyond_half_a_bin_outside_the_density_is_0() -> None:
    histogram = Histogram(low=0.0, width=1.0, density=np.array([0.7, 0.3]))
    np.testing.assert_array_equal(
        histogram.density_at(np.array([-0.6, -0.4, 2.4, 2.6, 1e100])), [0, 0.7, 0.3, 0, 0]
    )


def test_where_all_values_are_equal_only_that_value_is_dense() -> None:
    histogram = Histogram.fit(np.full(10, 0.3))
    np.testing.assert_array_equal(histogram.density_at(np.array([0.3, 0.31])), [1, 0])
