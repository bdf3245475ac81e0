from fractions import Fraction
from sys import float_info

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.chunks.moments import Moments

finite = st.floats(allow_nan=False, allow_infinity=False)
numbers = st.lists(finite | st.sampled_from([0.0, -0.0, 5e-324, 1.7e308, -1.7e308]), max_size=20)


@given(numbers)
def test_sums_have_no_rounding(values):
    moments = Moments.of(np.array(values))
    assert moments.total == sum(map(Fraction, values)) * 2**2148
    assert moments.squares == sum(Fraction(value) ** 2 for value in values) * 2**2148


@given(numbers, numbers)
def test_parts_add_up_to_the_whole_in_either_order(first, second):
    whole = Moments.of(np.array(first + second))
    parts = [Moments.of(np.array(first)), Moments.of(np.array(second))]
    assert parts[0] + parts[1] == parts[1] + parts[0] == whole


@given(st.lists(finite, min_size=1, max_size=20))
def test_mean_and_deviation_are_right_over_the_whole_range(values):
    moments = Moments.of(np.array(values))
    exact = [Fraction(value) for value in values]
    mean = sum(exact) / len(exact)
    assert moments.mean == float(mean)
    if len(exact) == 1:
        assert moments.std is None
        return
    variance = sum((value - mean) ** 2 for value in exact) / (len(exact) - 1)
    if variance > Fraction(float_info.max) ** 2:
        assert moments.std == float_info.max
        return
    std = Fraction(moments.std)
    assert abs(std**2 - variance) <= variance / 2**50 + Fraction(5e-324) ** 2 * 2**50


def test_far_from_zero_nothing_cancels():
    values = np.tile([1e9, 1e9 + 2**-20], 500)
    assert Moments.of(values).std == pytest.approx(2**-21 * np.sqrt(1000 / 999), rel=1e-15)
    assert Moments.of(np.full(1000, 0.1)).std == 0.0


def test_infinite_and_missing_values_take_no_part_in_sums():
    moments = Moments.of(np.array([1.0, np.inf, -np.inf, np.nan, 2.0]))
    assert moments.total == 3 * 2**2148


def test_no_numbers_have_no_mean():
    with pytest.raises(ZeroDivisionError):
        _ = Moments.of(np.empty(0)).mean
