import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detectors.tails import tail_beyond, tail_within


def test_the_tail_of_a_training_score_is_the_log_of_the_share_above_it() -> None:
    tail = tail_within(np.array([10.0, 30.0, 20.0, 40.0]))
    np.testing.assert_allclose(tail, -np.log(np.array([3.5, 1.5, 2.5, 0.5]) / 4))


def test_equal_scores_have_equal_tails() -> None:
    np.testing.assert_allclose(tail_within(np.ones(9)), -np.log(4.5 / 9))


def test_the_tail_of_a_new_score_counts_training_scores_as_high() -> None:
    tail = tail_beyond(np.array([1.0, 2.0, 2.0, 3.0]), np.array([0.0, 2.0, 2.5, 9.0]))
    np.testing.assert_allclose(tail, -np.log(np.array([5, 4, 2, 1]) / 5))


@given(st.lists(st.integers(-5, 5), min_size=1), st.lists(st.integers(-9, 9), min_size=2))
def test_a_higher_score_never_has_a_smaller_tail(training: list[int], new: list[int]) -> None:
    tail = tail_beyond(np.sort(np.array(training, dtype=float)), np.sort(np.array(new, float)))
    assert (np.diff(tail) >= 0).all()
    assert (tail >= 0).all()
