"""``rolling_zscore`` and ``ewma``, beside pandas."""

import numpy as np
import pandas as pd
import pytest

from detectors.registry import build_online_detector
from detectors.validation import Vector


def series(n: int = 3000) -> Vector:
    rng = np.random.default_rng(0)
    values: Vector = 1e6 + np.cumsum(rng.normal(size=n)) + rng.normal(size=n)
    values[1000] += 80
    return values


def by_pandas(values: Vector, mean: pd.Series, deviation: pd.Series) -> Vector:
    """The score of each value by moments of those up to the one before."""
    scores: Vector = (
        ((pd.Series(values) - mean.shift()).abs() / deviation.shift()).fillna(0.0).to_numpy()
    )
    return scores


@pytest.mark.parametrize("window", [10, 100, 4000])
def test_rolling_zscore_is_that_of_pandas(window: int) -> None:
    values = series()
    rolling = pd.Series(values).rolling(window, min_periods=1)
    expected = by_pandas(values, rolling.mean(), rolling.std())
    detector = build_online_detector({"algorithm": "rolling_zscore", "window": window}, 1)
    scores = detector.score_learn_many(values[:, None])
    np.testing.assert_allclose(scores, expected, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("alpha", [0.001, 0.05, 0.9])
def test_ewma_is_that_of_pandas(alpha: float) -> None:
    values = series()
    weighted = pd.Series(values).ewm(alpha=alpha)
    expected = by_pandas(values, weighted.mean(), weighted.std())
    detector = build_online_detector({"algorithm": "ewma", "alpha": alpha}, 1)
    scores = detector.score_learn_many(values[:, None])
    np.testing.assert_allclose(scores, expected, rtol=1e-6, atol=1e-9)


def test_a_giant_leaves_no_trace_once_it_has_left_the_window() -> None:
    values = np.random.default_rng(1).normal(size=600)
    values[130] = 1e12
    detector = build_online_detector({"algorithm": "rolling_zscore", "window": 50}, 1)
    scores = detector.score_learn_many(values[:, None])
    for row in range(181, 600):
        before = values[row - 50 : row]
        expected = abs(values[row] - before.mean()) / before.std(ddof=1)
        assert scores[row] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("algorithm", ["rolling_zscore", "ewma"])
def test_a_change_after_equal_values_scores_the_most_there_is(algorithm: str) -> None:
    detector = build_online_detector(algorithm, 1)
    rows = np.full((200, 1), 0.1)
    rows[-1] = 0.2
    scores = detector.score_learn_many(rows)
    assert scores.tolist() == [0.0] * 199 + [100.0]


@pytest.mark.parametrize("algorithm", ["rolling_zscore", "ewma"])
def test_zero_is_a_value_like_any_other(algorithm: str) -> None:
    values = np.random.default_rng(2).normal(size=(300, 1)).round()
    there = build_online_detector(algorithm, 1).score_learn_many(values)
    moved = build_online_detector(algorithm, 1).score_learn_many(values + 64)
    np.testing.assert_allclose(there, moved, atol=1e-9)


@pytest.mark.parametrize("algorithm", ["rolling_zscore", "ewma"])
def test_the_expected_range_is_that_of_scores_up_to_the_threshold(algorithm: str) -> None:
    rows = np.random.default_rng(3).normal(size=(400, 1))
    found = build_online_detector(algorithm, 1, threshold=2.0).observe_many(rows)
    outside = (rows < found.expected_low) | (rows > found.expected_high)
    np.testing.assert_array_equal(outside[50:, 0], found.scores[50:] > 2.0)
    assert outside[50:].any()


def test_ewma_forgets_a_giant_in_reasonable_time() -> None:
    rows = np.random.default_rng(4).normal(size=(700, 1))
    rows[200] = 1e100
    rows[600] = 9.0
    detector = build_online_detector("ewma", 1)
    assert detector.score_learn_many(rows)[600] > detector.threshold
