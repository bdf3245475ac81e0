"""Alerts and incidents, held to a reference that goes row by row."""

import json
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.online.alerts import AlertMemory, AlertPolicy, judge


@dataclass(frozen=True)
class Row:
    odd: bool
    judged: bool
    time: float


ROWS = st.lists(
    st.builds(
        Row,
        odd=st.booleans(),
        judged=st.sampled_from([True, True, True, False]),
        time=st.one_of(st.integers(0, 60).map(float), st.just(float("nan"))),
    ),
    max_size=60,
)
POLICIES = st.builds(
    AlertPolicy,
    threshold=st.just(0.5),
    min_consecutive=st.integers(1, 3),
    cooldown_seconds=st.sampled_from([0.0, 5.0, 20.0]),
    resolve_after=st.integers(1, 5),
)


def judged(policy, rows, memory=None):
    scores = np.array([0.9 if row.odd else 0.1 for row in rows])
    counted = np.array([row.judged for row in rows], dtype=bool)
    times = np.array([row.time for row in rows])
    return judge(policy, memory or AlertMemory(), scores, counted, times)


def row_by_row(policy, rows):
    """Return positions of alerts, their incidents, and the incidents that ended."""
    alerts, resolved = [], []
    streak = quiet = incident = 0
    is_open, last_alert = False, float("nan")
    for position, row in enumerate(rows):
        if not row.judged:
            continue
        if not row.odd:
            streak, quiet = 0, quiet + 1
            if is_open and quiet == policy.resolve_after:
                resolved.append(incident)
                is_open = False
            continue
        streak, quiet = streak + 1, 0
        if streak < policy.min_consecutive or abs(row.time - last_alert) < policy.cooldown_seconds:
            continue
        incident += not is_open
        is_open = True
        last_alert = last_alert if np.isnan(row.time) else row.time
        alerts.append((position, incident))
    return alerts, resolved


def pairs(judgement, offset=0):
    return list(
        zip((judgement.alerts + offset).tolist(), judgement.incidents.tolist(), strict=True)
    )


@given(POLICIES, ROWS)
def test_alerts_are_those_of_going_row_by_row(policy, rows):
    found = judged(policy, rows)
    assert (pairs(found), list(found.resolved)) == row_by_row(policy, rows)


@given(POLICIES, ROWS, st.lists(st.integers(0, 60)))
def test_cutting_rows_into_pages_changes_nothing(policy, rows, cuts):
    whole = judged(policy, rows)
    memory, alerts, resolved = AlertMemory(), [], []
    edges = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    for start, stop in pairwise(edges):
        part = judged(policy, rows[start:stop], memory)
        alerts += pairs(part, start)
        resolved += part.resolved
        memory = AlertMemory.load(json.loads(json.dumps(part.memory.dump())))
    assert (alerts, tuple(resolved), memory) == (pairs(whole), whole.resolved, whole.memory)


@given(POLICIES, ROWS)
def test_rows_that_do_not_count_might_as_well_not_be_there(policy, rows):
    found = judged(policy, rows)
    kept = [position for position, row in enumerate(rows) if row.judged]
    without = judged(policy, [rows[position] for position in kept])
    assert [(kept[position], incident) for position, incident in pairs(without)] == pairs(found)
    assert (without.resolved, without.memory) == (found.resolved, found.memory)
    assert not found.anomalies[[not row.judged for row in rows]].any()


def test_a_score_equal_to_the_threshold_is_no_anomaly():
    scores = np.array([0.5, np.nextafter(0.5, 1)])
    found = judge(AlertPolicy(0.5), AlertMemory(), scores, np.ones(2, bool), np.zeros(2))
    assert found.alerts.tolist() == [1]


def test_a_memory_kept_without_decimal_points_is_the_same_memory():
    memory = AlertMemory(rows=3, last_anomaly=2, streak=1, incidents=1, last_alert_at=1.7e9)
    loaded = AlertMemory.load(memory.dump() | {"last_alert_at": 1_700_000_000})
    assert loaded == memory
    assert isinstance(loaded.last_alert_at, float)


@pytest.mark.parametrize("n", [0, 1, 10_000])
def test_pages_of_anomalies_only_are_one_incident(n):
    found = judge(AlertPolicy(0.5), AlertMemory(), np.ones(n), np.ones(n, bool), np.zeros(n))
    assert found.alerts.tolist() == list(range(n))
    assert found.memory.incidents == min(n, 1)
