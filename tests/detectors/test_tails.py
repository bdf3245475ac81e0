import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detectors.tails import rarity


def test_the_rarity_of_a_training_score_is_the_log_of_the_share_above_it() -> None:
    found = rarity(np.array([10.0, 20.0, 30.0, 40.0]), np.array([10.0, 30.0, 20.0, 40.0]))
    np.testing.assert_allclose(found, -np.log(np.array([3.5, 1.5, 2.5, 0.5]) / 4))


def test_equal_scores_have_the_rarity_of_their_average_rank() -> None:
    np.testing.assert_allclose(rarity(np.ones(9), np.ones(2)), -np.log(4.5 / 9))


def test_a_new_score_lies_between_its_neighbours_and_above_all_it_is_the_highest() -> None:
    found = rarity(np.array([1.0, 2.0, 2.0, 3.0]), np.array([0.0, 2.0, 2.5, 3.0, 9.0]))
    np.testing.assert_allclose(found, -np.log(np.array([4, 2, 1, 0.5, 0.5]) / 4))


@given(st.lists(st.integers(-5, 5), min_size=1), st.lists(st.integers(-9, 9), min_size=2))
def test_a_higher_score_is_never_less_rare(training: list[int], new: list[int]) -> None:
    found = rarity(np.sort(np.array(training, dtype=float)), np.sort(np.array(new, float)))
    assert (np.diff(found) >= 0).all()
    assert (found >= 0).all()
