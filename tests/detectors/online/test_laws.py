"""What every online detector must hold, run over the whole registry."""

import pickle
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.errors import DetectorError
from detectors.online.base import Observations, OnlineDetector
from detectors.registry import build_online_detector, online_algorithms
from tests.detectors.online.feeds import awkward, eventful, noise, times

# Small, so that windows fill up and forests are fitted often.
SMALL = {
    "value_gap": {"window": 200},
    "rolling_zscore": {"window": 60},
    "ewma": {},
    "windowed_isolation_forest": {"window": 200, "refit_every": 70, "n_estimators": 20},
    "half_space_trees": {"window": 100, "n_trees": 10},
    "rrcf": {"window": 64, "n_trees": 8, "shingle": 2},
}
NAMES = [info.name for info in online_algorithms()]
EVENTFUL = eventful()
TIMES = times(len(EVENTFUL))
AWKWARD = awkward()
N_COLUMNS = EVENTFUL.shape[1]

pytestmark = pytest.mark.parametrize("algorithm", NAMES)
learning = pytest.mark.parametrize("learn_anomalies", [True, False])


def build(
    algorithm: str,
    learn_anomalies: bool = True,
    threshold: float | None = None,
    seed: int = 3,
    n_columns: int = N_COLUMNS,
) -> OnlineDetector:
    choice = {"algorithm": algorithm, "patience": 20, **SMALL[algorithm]}
    return build_online_detector(
        choice, n_columns, threshold=threshold, learn_anomalies=learn_anomalies, seed=seed
    )


@cache
def observed(algorithm: str, learn_anomalies: bool) -> tuple[Observations, bytes]:
    """What a detector says of the eventful feed in one go, and its state afterwards."""
    detector = build(algorithm, learn_anomalies)
    return detector.observe_many(EVENTFUL, TIMES), detector.state()


def joined(parts: list[Observations]) -> Observations:
    fields = [
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("scores", "column_scores", "expected_low", "expected_high", "learnt")
    ]
    return Observations(*fields)


def assert_equal(found: Observations, expected: Observations) -> None:
    for name, values in vars(expected).items():
        np.testing.assert_array_equal(getattr(found, name), values, err_msg=name)


@learning
def test_one_at_a_time_equals_all_at_once(algorithm: str, learn_anomalies: bool) -> None:
    detector = build(algorithm, learn_anomalies)
    scores = []
    for row, timestamp in zip(EVENTFUL, TIMES, strict=True):
        scores.append(detector.score_one(row, timestamp))
        detector.learn_one(row, timestamp)
    expected, state = observed(algorithm, learn_anomalies)
    np.testing.assert_array_equal(scores, expected.scores)
    assert detector.state() == state


@learning
@given(cuts=st.sets(st.integers(0, len(EVENTFUL)), max_size=8))
@settings(max_examples=8, deadline=None)
def test_pages_and_restarts_between_them_change_nothing(
    algorithm: str, learn_anomalies: bool, cuts: set[int]
) -> None:
    parts = []
    detector = build(algorithm, learn_anomalies)
    for start, stop in zip([0, *sorted(cuts)], [*sorted(cuts), len(EVENTFUL)], strict=True):
        parts.append(detector.observe_many(EVENTFUL[start:stop], TIMES[start:stop]))
        state = detector.state()
        detector = build(algorithm, learn_anomalies)
        detector.restore(state)
    expected, state = observed(algorithm, learn_anomalies)
    assert_equal(joined(parts), expected)
    assert detector.state() == state


@pytest.mark.parametrize("k", [1, 299, 301, 631])
def test_no_score_depends_on_what_comes_after(algorithm: str, k: int) -> None:
    scores = build(algorithm).score_learn_many(EVENTFUL[:k], TIMES[:k])
    np.testing.assert_array_equal(scores, observed(algorithm, True)[0].scores[:k])


def test_scoring_changes_nothing(algorithm: str) -> None:
    detector = build(algorithm)
    detector.score_learn_many(EVENTFUL[:310], TIMES[:310])
    state = detector.state()
    for row in (EVENTFUL[310], EVENTFUL[309], EVENTFUL[310] * 9, EVENTFUL[310] * [1, np.nan]):
        assert detector.score_one(row, TIMES[310]) == detector.score_one(row, TIMES[310])
    assert np.isnan(detector.score_one(np.full(N_COLUMNS, np.nan), TIMES[310]))
    assert detector.state() == state


def test_a_seed_gives_the_same_scores_again(algorithm: str) -> None:
    scores = build(algorithm).score_learn_many(EVENTFUL, TIMES)
    np.testing.assert_array_equal(scores, observed(algorithm, True)[0].scores)


@pytest.mark.parametrize("seed", [-1, 2**40])
def test_any_whole_number_is_a_seed(algorithm: str, seed: int) -> None:
    scores = build(algorithm, seed=seed).score_learn_many(EVENTFUL[:200], TIMES[:200])
    assert np.isfinite(scores).all()


def test_the_input_is_not_changed(algorithm: str) -> None:
    rows, moments = EVENTFUL.copy(), TIMES.copy()
    rows.setflags(write=False)
    moments.setflags(write=False)
    build(algorithm).observe_many(rows, moments)
    np.testing.assert_array_equal(rows, EVENTFUL)


def test_a_detector_survives_pickling(algorithm: str) -> None:
    detector = build(algorithm)
    detector.score_learn_many(EVENTFUL[:450], TIMES[:450])
    twin = pickle.loads(pickle.dumps(detector))
    scores = twin.score_learn_many(EVENTFUL[450:], TIMES[450:])
    np.testing.assert_array_equal(scores, observed(algorithm, True)[0].scores[450:])


@learning
@pytest.mark.parametrize("feed", AWKWARD)
def test_rows_with_values_have_finite_scores_whatever_comes(
    algorithm: str, learn_anomalies: bool, feed: str
) -> None:
    rows = AWKWARD[feed]
    found = build(algorithm, learn_anomalies).observe_many(rows, times(len(rows)))
    there = ~np.isnan(rows).all(axis=1)
    np.testing.assert_array_equal(np.isfinite(found.scores), there)
    assert (found.scores[there] >= 0).all()
    assert not np.isinf(found.column_scores).any()
    np.testing.assert_array_equal(np.isnan(found.column_scores), np.isnan(rows))
    assert not (found.expected_low > found.expected_high).any()


def test_rows_without_values_have_no_score_and_teach_nothing(algorithm: str) -> None:
    detector = build(algorithm)
    found = detector.observe_many(AWKWARD["missing"][:40])
    assert detector.n_seen == 40
    assert np.isnan(found.scores).all()
    assert not found.learnt.any()
    again = detector.score_learn_many(EVENTFUL, TIMES)
    expected = observed(algorithm, True)[0].scores
    # Past the rows of the warm-up, values score 0 until there were as many of them.
    start = detector.warm_up
    assert ((again == expected) | (again == 0) | np.isnan(expected))[:start].all()
    np.testing.assert_array_equal(again[start:], expected[start:])


def test_a_feed_that_begins_with_empty_rows_warms_up_on_values(algorithm: str) -> None:
    detector = build(algorithm)
    detector.observe_many(np.full((500, N_COLUMNS), np.nan), times(500))
    rows = noise(detector.warm_up)
    assert not detector.score_learn_many(rows, times(len(rows)) + 1e6).any()


def test_every_row_seen_is_counted_and_all_with_values_are_learnt(algorithm: str) -> None:
    detector = build(algorithm)
    found = detector.observe_many(EVENTFUL, TIMES)
    assert detector.n_seen == len(EVENTFUL)
    np.testing.assert_array_equal(found.learnt, ~np.isnan(EVENTFUL).all(axis=1))


def test_timestamps_may_be_missing(algorithm: str) -> None:
    without = build(algorithm).score_learn_many(EVENTFUL)
    unknown = build(algorithm).score_learn_many(EVENTFUL, np.full(len(EVENTFUL), np.nan))
    np.testing.assert_array_equal(without, unknown)


def test_no_rows_are_no_scores(algorithm: str) -> None:
    detector = build(algorithm)
    state = detector.state()
    found = detector.observe_many(np.empty((0, N_COLUMNS)), [])
    assert found.scores.shape == (0,)
    assert found.column_scores.shape == (0, N_COLUMNS)
    assert detector.state() == state


def test_the_state_does_not_grow(algorithm: str) -> None:
    detector = build(algorithm)
    before = len(detector.state())
    detector.score_learn_many(EVENTFUL, TIMES)
    detector.score_learn_many(EVENTFUL, TIMES + 9e5)
    assert len(detector.state()) == before


def test_other_columns_or_timestamps_are_refused(algorithm: str) -> None:
    detector = build(algorithm)
    with pytest.raises(DetectorError, match="built for 2 columns, got 3"):
        detector.observe_many(np.zeros((5, 3)))
    with pytest.raises(DetectorError, match="expected 5 timestamps"):
        detector.observe_many(np.zeros((5, 2)), np.zeros(4))


@pytest.mark.parametrize("n_columns", [1, 3])
def test_a_planted_spike_outranks_the_rows_before_it(algorithm: str, n_columns: int) -> None:
    rows = noise(600, n_columns, seed=2)
    rows[-1] += 12 * 10.0 ** np.arange(n_columns)
    detector = build(algorithm, n_columns=n_columns)
    scores = detector.score_learn_many(rows, times(len(rows)))[detector.warm_up :]
    assert scores[-1] > np.quantile(scores[:-1], 0.99)


def test_the_column_of_a_spike_has_the_largest_part_in_the_score(algorithm: str) -> None:
    rows = noise(600, 3, seed=4)
    rows[-1, 1] += 120.0
    found = build(algorithm, n_columns=3, threshold=0.0).observe_many(rows, times(len(rows)))
    assert found.column_scores[-1].argmax() == 1
    assert rows[-1, 1] > found.expected_high[-1, 1]


@learning
def test_after_a_lasting_shift_the_new_level_is_normal(
    algorithm: str, learn_anomalies: bool
) -> None:
    rows = noise(1200, seed=5)
    rows[500:] += [20.0, 200.0]
    detector = build(algorithm, learn_anomalies)
    found = detector.observe_many(rows, times(len(rows)))
    assert found.scores[500] > detector.threshold
    assert (found.scores[-300:] > detector.threshold).mean() < 0.05
    assert found.learnt[500] == learn_anomalies
    assert found.learnt[-300:].mean() > 0.7
    assert found.expected_low[-1, 0] < 70 < found.expected_high[-1, 0]


def test_a_short_incident_is_not_learnt_unless_wanted(algorithm: str) -> None:
    rows = noise(520, seed=6)
    rows[500:510] += [20.0, 200.0]
    found = build(algorithm, False).observe_many(rows, times(len(rows)))
    assert not found.learnt[500:510].any()
    everything = build(algorithm, True).observe_many(rows, times(len(rows)))
    assert everything.learnt.all()
