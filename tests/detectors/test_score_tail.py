import numpy as np
import pytest

from detectors.registry import build_detector
from detectors.score_tail import SMALLEST_P, ScoreTail
from detectors.threshold import FalseAlarm, decide_threshold
from detectors.validation import Vector

SHARES = np.array([1e-3, 1e-4, 1e-5])


def tail_of(scores: Vector) -> ScoreTail:
    tail = ScoreTail.fit(np.sort(scores))
    assert tail is not None
    return tail


@pytest.mark.parametrize(
    ("quantile", "shape"),
    [
        (lambda above: -np.log(above), 0.0),
        (lambda above: above**-0.2, 0.2),
    ],
    ids=["exponential", "heavy"],
)
def test_the_tail_of_known_distributions_is_found(quantile, shape):
    uniform = np.random.default_rng(0).random((20, 20_000))
    tails = [tail_of(quantile(row)) for row in uniform]
    assert np.mean([tail.shape for tail in tails]) == pytest.approx(shape, abs=0.03)
    found = np.mean([np.log(tail.p_values(quantile(SHARES))) for tail in tails], axis=0)
    np.testing.assert_allclose(found, np.log(SHARES), atol=0.5)


def test_a_bounded_tail_is_taken_for_an_exponential_one():
    tail = tail_of(1 - np.random.default_rng(0).random(20_000) ** 0.25)
    assert tail.shape == 0
    assert tail.p_values(np.array([1.0]))[0] > SMALLEST_P


@pytest.mark.parametrize("algorithm", ["isolation_forest", "statistical", "ecod"])
@pytest.mark.parametrize("n_features", [1, 5])
def test_no_clean_row_of_a_small_table_is_one_in_a_hundred_thousand(algorithm, n_features):
    smallest = []
    for seed in range(10):
        X = np.random.default_rng(seed).normal(size=(300, n_features))
        detector = build_detector(algorithm, seed).fit(X)
        scores = detector.decision_scores_
        decision = decide_threshold(FalseAlarm(), detector, X, scores, seed)
        smallest.append(decision.p_values(scores).min())
    assert min(smallest) > 1e-5


def test_it_goes_on_where_counting_ends():
    scores = np.sort(np.random.default_rng(0).exponential(size=2000))
    tail = tail_of(scores)
    assert tail.start == scores[-10]
    assert tail.share == 10 / 2001
    assert tail.p_values(np.array([tail.start]))[0] == pytest.approx(tail.share)


@pytest.mark.parametrize("p_value", [1e-3, 1e-6])
def test_the_score_at_a_p_value_has_that_p_value(p_value):
    tail = tail_of(np.random.default_rng(1).normal(size=5000) * 1e-200)
    assert tail.p_values(np.array([tail.score_at(p_value)]))[0] == pytest.approx(p_value)


def test_no_score_of_the_reference_is_impossible_and_none_is_rarer_than_can_be_said():
    scores = np.sort(np.random.default_rng(2).random(2000) ** 0.1)
    tail = tail_of(scores)
    assert tail.p_values(scores[-1:])[0] > SMALLEST_P
    assert tail.p_values(np.array([np.inf, 1e300])).tolist() == [SMALLEST_P] * 2


def test_scores_that_tie_at_the_top_have_no_tail():
    for scores in (np.ones(2000), np.repeat([0.0, 1.0], [1000, 1000]), np.arange(50.0)):
        assert ScoreTail.fit(scores) is None
