import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.kernels.sorted_windows import (
    SortedWindows,
    at_least,
    empty_windows,
    held,
    median,
    middle_range,
    neighbours,
    nth,
    push,
    rebuild,
)

# Few different values, so that there are many equal ones, or any.
values = st.one_of(st.integers(0, 3).map(float), st.floats(-1e150, 1e150))


def contents(windows: SortedWindows) -> list[float]:
    return [nth(windows, 0, rank) for rank in range(held(windows, 0))]


@given(
    window=st.integers(1, 20),
    pushed=st.lists(values, min_size=1, max_size=120),
    asked=values,
)
@settings(max_examples=60, deadline=None)
def test_a_window_answers_as_a_sorted_list_of_the_last_values(
    window: int, pushed: list[float], asked: float
) -> None:
    windows = empty_windows(1, window)
    for value in pushed:
        push(windows, 0, value)
    for _ in range(2):
        expected = sorted(pushed[-window:])
        assert contents(windows) == expected
        assert median(windows, 0) == np.median(expected)
        assert at_least(windows, 0, asked) == sum(value >= asked for value in expected)
        assert neighbours(windows, 0, asked) == (
            max((value for value in expected if value < asked), default=-np.inf),
            min((value for value in expected if value >= asked), default=np.inf),
        )
        rebuild(windows)


@pytest.mark.parametrize("order", ["rising", "falling", "equal", "random"])
def test_a_long_window_stays_sorted_whatever_the_order(order: str) -> None:
    pushed = {
        "rising": np.arange(3000.0),
        "falling": -np.arange(3000.0),
        "equal": np.ones(3000),
        "random": np.random.default_rng(0).normal(size=3000),
    }[order]
    windows = empty_windows(1, 400)
    for value in pushed:
        push(windows, 0, value)
    np.testing.assert_array_equal(contents(windows), np.sort(pushed[-400:]))
    low, high = middle_range(windows, 0, 0.01)
    assert (low, high) == tuple(np.sort(pushed[-400:])[[4, 395]])


def test_the_range_of_nothing_is_unknown() -> None:
    assert np.isnan(middle_range(empty_windows(1, 10), 0, 0.01)).all()
