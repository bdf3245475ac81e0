import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from detectors.registry import build_online_detector
from detectors.validation import Matrix, Vector
from tests.detectors.online.feeds import noise
from tests.detectors.online.slow_value_gap import slow_value_gap


def rhythm(n: int, every: float, seed: int) -> tuple[Vector, Vector]:
    """A daily rhythm with noise, repeated values, spikes and a step; values and timestamps."""
    rng = np.random.default_rng(seed)
    timestamps = 1.4e9 + every * np.arange(n)
    values = 20 + 10 * np.sin(timestamps * 2 * np.pi / 86_400) + rng.normal(size=n)
    values = np.where(rng.random(n) < 0.3, np.round(values), values)
    values[rng.integers(0, n, 5)] += 30
    values[n // 2 :] += 8
    return values, timestamps


@pytest.mark.parametrize(
    ("n", "every", "window"),
    [(1500, 300.0, 4000), (1500, 1800.0, 300), (800, 5000.0, 60), (400, 90_000.0, 10)],
)
def test_scores_are_those_of_the_formula(n: int, every: float, window: int) -> None:
    values, timestamps = rhythm(n, every, seed=n)
    detector = build_online_detector({"algorithm": "value_gap", "window": window}, 1)
    scores = detector.score_learn_many(values[:, None], timestamps)
    expected = slow_value_gap(values, timestamps, window)
    assert max(expected[detector.warm_up :]) > 0.5
    np.testing.assert_allclose(scores, expected, rtol=0, atol=1e-9)


@pytest.mark.skipif(
    "VIGIL_SHARED_DATA" not in os.environ,
    reason="needs VIGIL_SHARED_DATA, a folder of known series",
)
def test_known_series_have_their_known_scores() -> None:
    paths = sorted((Path(os.environ["VIGIL_SHARED_DATA"]) / "value_gap").glob("*.csv"))
    assert paths
    for path in paths:
        frame = pd.read_csv(path)
        moments = pd.to_datetime(frame["timestamp"], utc=True).dt.as_unit("ns").astype("int64")
        detector = build_online_detector("value_gap", 1)
        scores = detector.score_learn_many(frame[["value"]].to_numpy(), moments.to_numpy() / 1e9)
        np.testing.assert_allclose(scores, frame["score"], rtol=0, atol=1e-6, err_msg=path.name)


@pytest.mark.parametrize("amplitude", [0.0, 10.0])
@pytest.mark.parametrize("step", [10, 60, 300, 600])
def test_the_second_day_begins_without_an_alert(step: int, amplitude: float) -> None:
    day = 86_400 // step
    n = max(day, 150) + 20
    timestamps = 1_699_920_000.0 + step * np.arange(n)
    alarmed = 0
    for seed in range(6 if step == 10 else 20):
        values = 40 + amplitude * np.sin(timestamps * 2 * np.pi / 86_400)
        values += np.random.default_rng(seed).normal(0, 3, n)
        detector = build_online_detector("value_gap", 1)
        scores = detector.score_learn_many(values[:, None], timestamps)
        alarmed += bool((scores[max(day, detector.warm_up) :][:10] > detector.threshold).any())
    assert alarmed <= 1


def test_spikes_that_come_back_are_alerts_each_time() -> None:
    found, others = 0, 0
    for seed in range(5):
        rng = np.random.default_rng(seed)
        values = rng.normal(40, 3, 6000)
        places = rng.choice(np.arange(300, 6000), 12, replace=False)
        values[places[:8]] += 60
        values[places[8:]] -= 36
        detector = build_online_detector("value_gap", 1)
        scores = detector.score_learn_many(values[:, None], 1.7e9 + 60.0 * np.arange(6000))
        alerts = scores > detector.threshold
        alerts[: detector.warm_up] = False
        found += int(alerts[places].sum())
        others += int(alerts.sum() - alerts[places].sum())
    assert found >= 55
    assert others <= 16


def two_levels(n: int = 1000) -> Matrix:
    rng = np.random.default_rng(0)
    values: Matrix = np.where(rng.random((n, 1)) < 0.5, 20.0, 60.0) + rng.normal(size=(n, 1))
    return values


def test_a_value_between_the_usual_ones_is_an_alert() -> None:
    rows = two_levels()
    rows[-1] = 40.0
    detector = build_online_detector("value_gap", 1)
    scores = detector.score_learn_many(rows)
    assert scores[-1] > detector.threshold
    assert scores[150:-1].max() < scores[-1]


def test_a_usual_value_at_an_unusual_hour_is_an_alert() -> None:
    timestamps = 1.4e9 + 600.0 * np.arange(3000)
    by_day = np.sin(timestamps * 2 * np.pi / 86_400) > 0
    rows = (np.where(by_day, 60.0, 20.0) + two_levels(3000)[:, 0] / 100)[:, None]
    night = np.flatnonzero(~by_day)[-40]
    rows[night] = 60.3
    detector = build_online_detector("value_gap", 1)
    assert detector.observe_many(rows, timestamps).scores[night] > detector.threshold
    blind = build_online_detector("value_gap", 1)
    assert blind.observe_many(rows).scores[night] < blind.threshold


def test_an_incident_is_reported_once() -> None:
    rows = noise(700, 1)
    rows[600:620] += 20.0
    detector = build_online_detector("value_gap", 1)
    alerts = detector.score_learn_many(rows) > detector.threshold
    assert np.flatnonzero(alerts[500:]).tolist() == [100]


def test_an_incident_that_was_not_learnt_is_reported_again() -> None:
    rows = noise(1000, 1)
    rows[600:630] += 20.0
    rows[900:930] += 20.0
    found = {
        learn: build_online_detector("value_gap", 1, learn_anomalies=learn).observe_many(rows)
        for learn in (True, False)
    }
    threshold = 0.5
    assert found[False].scores[600] > threshold
    assert found[False].scores[900] > threshold
    assert found[True].scores[900:930].max() < threshold


def test_late_rows_do_not_disturb_the_hours() -> None:
    values, timestamps = rhythm(1200, 600.0, seed=3)
    detector = build_online_detector("value_gap", 1)
    detector.score_learn_many(values[:, None], timestamps)
    profile = {name: array for name, array in detector._kept().items() if "profile" in name}
    before = {name: array.copy() for name, array in profile.items()}
    detector.learn_one([25.0], timestamps[-1] - 7200)
    for name, array in profile.items():
        np.testing.assert_array_equal(array, before[name], err_msg=name)


def test_a_threshold_of_one_half_includes_one_half() -> None:
    assert build_online_detector("value_gap", 1).threshold < 0.5
    assert f"{build_online_detector('value_gap', 1).threshold:g}" == "0.5"
