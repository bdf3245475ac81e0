import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.rate_history import rate_history

rates = st.floats(0, 1)
histories = st.lists(rates, min_size=3, max_size=10).map(tuple)


@pytest.mark.parametrize("earlier", [(), (0.01,), (0.01, 0.02)])
def test_fewer_than_three_earlier_runs_allow_no_judgement(earlier):
    assert rate_history(earlier, rows=1000) is None


def test_a_rate_five_times_the_usual_one_stands_out():
    history = rate_history((0.01, 0.011, 0.009, 0.0105), rows=10_000)
    assert history.stands_out(0.05)
    assert not history.stands_out(0.011)


def test_a_rate_far_below_the_usual_one_stands_out():
    assert rate_history((0.1, 0.11, 0.09), rows=10_000).stands_out(0.001)


def test_one_wild_run_does_not_hide_the_next():
    assert rate_history((0.01, 0.01, 0.9, 0.011, 0.009), rows=10_000).stands_out(0.5)


def test_what_chance_gives_in_few_rows_does_not_stand_out():
    assert not rate_history((0.0, 0.0, 0.0), rows=100).stands_out(0.03)
    assert rate_history((0.0, 0.0, 0.0), rows=100_000).stands_out(0.03)


def test_a_steady_rate_may_change_by_half_of_itself():
    history = rate_history((0.02,) * 10, rows=10_000_000)
    assert not history.stands_out(0.03)
    assert history.stands_out(0.04)


@given(histories, st.integers(1, 10**7))
def test_the_median_is_always_usual(earlier, rows):
    history = rate_history(earlier, rows)
    low, high = history.usual
    assert 0 <= low <= history.centre <= high <= 1
    assert not history.stands_out(history.centre)


@given(histories, st.integers(1, 10**7), rates)
def test_what_stands_out_is_outside_of_the_usual_range(earlier, rows, rate):
    history = rate_history(earlier, rows)
    low, high = history.usual
    if history.stands_out(rate):
        assert rate <= low or rate >= high
        assert history.distance(rate) * (rate - history.centre) > 0


@given(histories, st.integers(1, 10**7))
def test_the_order_of_the_runs_does_not_matter(earlier, rows):
    assert rate_history(earlier, rows) == rate_history(tuple(reversed(earlier)), rows)
