from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reports.charts.score_axis import ScoreAxis

uneven = (0.0, 1.0, 10.0, 100.0, 1000.0)


def test_bins_are_as_wide_as_each_other_whatever_their_size():
    axis = ScoreAxis(uneven)
    assert not axis.even
    assert [axis.place(edge) for edge in uneven] == [0, 1, 2, 3, 4]
    assert axis.place(55.0) == 2.5


def test_bins_of_equal_size_give_an_ordinary_axis():
    axis = ScoreAxis((0.3, 0.4, 0.5, 0.6))
    assert axis.even
    assert axis.place(0.45) == pytest.approx(1.5)
    assert axis.ticks() == pytest.approx([0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6])


@given(
    st.lists(st.floats(-1e300, 1e300), min_size=2, max_size=60, unique=True),
    st.floats(-1e300, 1e300),
    st.floats(-1e300, 1e300),
)
def test_a_higher_score_is_never_further_left(edges, one, other):
    edges = sorted(edges)
    assume(all(left / 2 < right / 2 for left, right in pairwise(edges)))
    axis = ScoreAxis(tuple(edges))
    low, high = sorted([one, other])
    assert axis.place(low) <= axis.place(high)


def test_the_axis_reaches_to_a_threshold_nearby_but_not_to_one_far_away():
    axis = ScoreAxis(tuple(np.linspace(0, 1, 61)))
    low, high = axis.limits(1.1)
    assert low < 0
    assert high > axis.place(1.1)
    assert axis.limits(1e9) == axis.limits(0.5)


def test_ticks_of_a_long_tail_are_powers_of_ten_with_room_for_their_labels():
    edges = tuple(np.sinh(np.linspace(np.arcsinh(-2), np.arcsinh(250_000), 61)).tolist())
    axis = ScoreAxis(edges)
    ticks = sorted(axis.ticks())
    assert ticks[-1] == 100_000
    assert set(np.log10([tick for tick in ticks if tick > 0])) <= set(range(-12, 6))
    places = [axis.place(tick) for tick in ticks]
    assert min(right - left for left, right in pairwise(places)) >= 7
