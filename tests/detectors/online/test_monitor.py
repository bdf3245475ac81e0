from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.online.alerts import AlertPolicy
from detectors.online.monitor import Monitor
from detectors.registry import build_online_detector

N_ROWS = 300


def rows(seed=0):
    random = np.random.default_rng(seed)
    X = random.normal(size=(N_ROWS, 2))
    X[random.random(X.shape) < 0.05] = np.nan
    X[random.integers(0, N_ROWS, 20), 0] += 30
    X[[150, 151, 152]] = [[50, 1], [np.nan, np.nan], [50, 1]]
    return X, np.arange(N_ROWS) * 60.0


def monitor(backfill=0, algorithm="rolling_zscore"):
    detector = build_online_detector(algorithm, 2)
    return Monitor(detector, AlertPolicy(detector.threshold, resolve_after=5), backfill)


def seen(sights):
    return (
        np.nan_to_num(np.concatenate([s.observations.scores for s in sights]), nan=-1.0).tolist(),
        [sight.first + p for sight in sights for p in sight.judgement.alerts.tolist()],
        [incident for sight in sights for incident in sight.judgement.incidents.tolist()],
        [incident for sight in sights for incident in sight.judgement.resolved],
    )


def kept(watched):
    return (
        watched.detector.state(),
        watched.memory,
        {name: column.tolist() for name, column in vars(watched.statistics).items()},
        watched.anomaly_counts.tolist(),
        watched.rows_scored,
        watched.silent_rows_left,
    )


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, N_ROWS), max_size=4))
def test_cutting_rows_into_calls_changes_nothing_to_the_bit(cuts):
    X, times = rows()
    whole = monitor(backfill=60)
    expected = seen([whole.observe(X, times)])
    parts = monitor(backfill=60)
    edges = [0, *sorted(cuts), N_ROWS]
    sights = [parts.observe(X[a:b], times[a:b]) for a, b in pairwise(edges)]
    assert seen(sights) == expected
    assert kept(parts) == kept(whole)


def test_rows_of_warm_up_and_backfill_raise_no_alert_and_count_nowhere():
    X, times = rows()
    watched = monitor(backfill=200)
    assert watched.silent_rows_left == 200
    sight = watched.observe(X, times)
    assert sight.judgement.alerts.min() >= 200
    assert watched.memory.rows == int(sight.scored[200:].sum())
    assert monitor().silent_rows_left == monitor().detector.warm_up > 0


def test_a_row_without_any_value_is_not_scored():
    X, times = rows()
    watched = monitor()
    sight = watched.observe(X, times)
    assert not sight.scored[151]
    assert watched.rows_scored == N_ROWS - int(np.isnan(X).all(axis=1).sum())
    # It neither ends the streak of its neighbours nor is quiet.
    incidents = dict(zip(sight.judgement.alerts, sight.judgement.incidents, strict=True))
    assert incidents[150] == incidents[152]


def test_an_anomaly_is_counted_for_the_columns_that_drive_it():
    X, times = rows()
    watched = monitor()
    sight = watched.observe(X, times)
    first, second = watched.anomaly_counts.tolist()
    assert first == int(sight.judgement.anomalies.sum()) > second


def test_where_a_detector_takes_columns_together_the_largest_parts_drive():
    random = np.random.default_rng(0)
    X = random.normal(size=(1200, 2))
    X[-1] = [25.0, 0.0]
    watched = monitor(algorithm="rrcf")
    sight = watched.observe(X, np.full(len(X), np.nan))
    assert sight.judgement.anomalies[-1]
    assert watched.driving(sight.observations)[-1].tolist() == [True, False]
