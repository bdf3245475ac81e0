import numpy as np
import pytest

from detectors.batch.isolation_forest import IsolationForest
from detectors.registry import build_online_detector
from tests.detectors.online.feeds import noise


def test_rows_are_scored_by_a_forest_of_the_window_before() -> None:
    rows = noise(400, 3)
    choice = {"algorithm": "windowed_isolation_forest", "window": 150, "refit_every": 100}
    scores = build_online_detector(choice, 3, seed=4).score_learn_many(rows)
    assert not scores[:100].any()
    for number, first in ((1, 0), (2, 50), (3, 150)):
        last = 100 * number
        forest = IsolationForest(100, 256, seed=4 + number).fit(rows[first:last])
        expected = forest.decision_function(rows[last : last + 100])
        window, here = rows[first:last], rows[last : last + 100]
        inside = ((here >= window.min(axis=0)) & (here <= window.max(axis=0))).all(axis=1)
        np.testing.assert_array_equal(scores[last : last + 100][inside], expected[inside])
        assert (scores[last : last + 100][~inside] > expected[~inside]).all()


def test_the_farther_outside_the_window_the_higher_the_score() -> None:
    detector = build_online_detector("windowed_isolation_forest", 2)
    detector.score_learn_many(noise(300, 2))
    scores = [detector.score_one([50.0 + far, 500.0]) for far in (0, 4, 8, 40, 400, np.inf)]
    assert (np.diff(scores) > 0).all()
    assert scores[3] > detector.threshold
    assert [detector.score_one([50.0 + far, np.nan]) for far in (0, 40)] == pytest.approx(
        [scores[0], scores[3]], abs=0.1
    )


def test_only_rows_learnt_count_towards_the_next_forest() -> None:
    rows = noise(300, 2)
    gaps = np.where(np.arange(300)[:, None] % 3 == 0, np.nan, rows)
    choice = {"algorithm": "windowed_isolation_forest", "refit_every": 60}
    scores = build_online_detector(choice, 2).score_learn_many(gaps)
    there = ~np.isnan(gaps[:, 0])
    alone = build_online_detector(choice, 2).score_learn_many(gaps[there])
    np.testing.assert_array_equal(scores[there], alone)
    assert np.isnan(scores[~there]).all()


def test_of_two_columns_the_parts_are_shapley_values() -> None:
    rows = noise(300, 2)
    rows[-1] += [9.0, 90.0]
    choice = {"algorithm": "windowed_isolation_forest", "refit_every": 100}
    detector = build_online_detector(choice, 2)
    detector.score_learn_many(rows[:-1])
    at_middle = detector.score_one(np.median(rows[:200], axis=0))
    found = detector.observe_many(rows[-1:])
    assert found.scores[0] > detector.threshold
    rise = found.scores[0] - at_middle
    np.testing.assert_allclose(found.column_scores.sum(), rise, rtol=1e-9)


def test_parts_are_worked_out_for_labelled_rows_only() -> None:
    rows = noise(300, 2)
    found = build_online_detector("windowed_isolation_forest", 2).observe_many(rows)
    labelled = found.scores > 0.65
    assert labelled.any()
    np.testing.assert_array_equal(found.column_scores.any(axis=1), labelled)
