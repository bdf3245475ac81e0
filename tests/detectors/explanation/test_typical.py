import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from detectors.explanation.background import draw_background
from detectors.explanation.typical import TypicalRanges

finite = st.floats(allow_nan=False, allow_infinity=False)


def ranges_of(*values):
    return TypicalRanges.of(np.array(values, dtype=float)[:, None])


def test_nine_in_ten_values_of_the_background_are_typical():
    ranges = ranges_of(*range(101))
    assert (ranges.low[0], ranges.high[0]) == (5, 95)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(4.9, "unusually low"), (5, "usual"), (50.5, "usual"), (95, "usual"), (96, "unusually high")],
)
def test_a_number_is_high_or_low_beyond_the_typical_range(value, expected):
    assert ranges_of(*range(101)).direction(0, value, "numeric") == expected


def test_a_number_between_two_groups_is_rare():
    ranges = ranges_of(*np.linspace(0, 1, 50), *np.linspace(9, 10, 50))
    assert ranges.direction(0, 5.0, "numeric") == "rare"
    assert ranges.direction(0, 0.51, "numeric") == "usual"


def test_a_number_that_the_background_leaves_out_is_rare_among_few():
    ranges = ranges_of(*[1, 2, 4, 5] * 20)
    assert [ranges.direction(0, value, "numeric") for value in (2, 3, 4)] == [
        "usual",
        "rare",
        "usual",
    ]


def test_a_category_is_rare_when_few_rows_have_it_and_never_high():
    ranges = ranges_of(*[0.97] * 97, *[0.03] * 3)
    assert ranges.direction(0, 0.03, "categorical") == "rare"
    assert ranges.direction(0, 0.97, "categorical") == "usual"
    assert ranges.direction(0, 0.99, "categorical") == "usual"


def test_a_term_of_a_moment_is_rare_on_both_sides():
    ranges = ranges_of(*np.linspace(-0.5, 0.5, 100))
    directions = [ranges.direction(0, value, "datetime") for value in (-1, 0.1, 1)]
    assert directions == ["rare", "usual", "rare"]


@given(arrays(np.float64, st.integers(1, 40), elements=finite), finite)
def test_no_value_below_the_median_is_high_and_none_above_it_is_low(background, value):
    ranges = TypicalRanges.of(background[:, None])
    direction = ranges.direction(0, value, "numeric")
    below, above = (background > value).mean(), (background < value).mean()
    assert direction != "unusually high" or above >= 0.5
    assert direction != "unusually low" or below >= 0.5


@given(arrays(np.float64, st.integers(1, 40), elements=finite))
def test_values_of_the_background_within_the_range_are_usual(background):
    ranges = TypicalRanges.of(background[:, None])
    for value in background:
        if ranges.low[0] <= value <= ranges.high[0]:
            assert ranges.direction(0, value, "numeric") == "usual"


def test_a_background_is_drawn_at_random_in_random_order():
    X = np.arange(4000, dtype=float)[:, None]
    drawn = draw_background(X, seed=3)
    assert drawn.shape == (500, 1)
    assert len(np.unique(drawn)) == 500
    assert 1600 < drawn[:100].mean() < 2400
    assert np.array_equal(draw_background(X, seed=3), drawn)
    assert not np.array_equal(draw_background(X, seed=4), drawn)


def test_a_small_table_is_its_own_background():
    X = np.arange(30, dtype=float)[:, None]
    assert sorted(draw_background(X, seed=0)[:, 0]) == list(range(30))


def test_anomalies_are_in_the_background_as_often_as_others():
    X = np.zeros((1000, 1))
    X[:20] = 1
    counts = [draw_background(X, seed).sum() for seed in range(200)]
    assert 9 < np.mean(counts) < 11
