"""What every online detector must hold where values are missing, with its defaults."""

import numpy as np
import pytest

from detectors.online.alerts import AlertPolicy
from detectors.online.monitor import Monitor, Sight
from detectors.registry import build_online_detector, online_algorithms
from detectors.validation import Matrix
from tests.detectors.online.feeds import times

N_ROWS = 1200
SPIKES = (700, 900, 1100)

pytestmark = pytest.mark.parametrize("algorithm", [info.name for info in online_algorithms()])


def load_and_memory(seed: int = 0) -> Matrix:
    rng = np.random.default_rng(seed)
    return np.column_stack([rng.normal(40, 3, N_ROWS), rng.normal(60, 5, N_ROWS)])


def watch(algorithm: str, rows: Matrix) -> tuple[Sight, Monitor]:
    detector = build_online_detector(algorithm, rows.shape[1])
    monitor = Monitor(detector, AlertPolicy(detector.threshold))
    return monitor.observe(rows, times(len(rows))), monitor


def is_alert(sight: Sight) -> np.ndarray:
    return np.isin(np.arange(N_ROWS), sight.judgement.alerts)


@pytest.mark.parametrize("dead", [0, 1])
def test_a_dead_column_does_not_switch_the_watch_off(algorithm: str, dead: int) -> None:
    rows = load_and_memory()
    rows[600:, dead] = np.nan
    rows[list(SPIKES), 1 - dead] = 400.0
    sight, monitor = watch(algorithm, rows)
    assert is_alert(sight)[list(SPIKES)].all()
    assert sight.scored.all()
    assert monitor.rows_scored == N_ROWS
    assert np.isnan(sight.observations.column_scores[600:, dead]).all()
    assert (
        monitor.driving(sight.observations)[list(SPIKES)].tolist() == [[dead == 1, dead == 0]] * 3
    )


@pytest.mark.parametrize("late", [0, 1])
def test_a_column_that_is_empty_from_the_start_takes_no_part_until_it_is_known(
    algorithm: str, late: int
) -> None:
    rows = load_and_memory()
    rows[:, late] = np.nan
    rows[list(SPIKES), 1 - late] = 400.0
    never, _ = watch(algorithm, rows)
    assert is_alert(never)[list(SPIKES)].all()
    first = is_alert(watch(algorithm, load_and_memory())[0])
    rows = load_and_memory()
    rows[:600, late] = np.nan
    begins = is_alert(watch(algorithm, rows)[0])
    assert begins[600:700].sum() <= first[600:700].sum() + 5
    rows[1150, late] = 400.0
    assert is_alert(watch(algorithm, rows)[0])[1150]


def test_a_column_that_comes_back_raises_nothing(algorithm: str) -> None:
    rows = load_and_memory()
    usual = is_alert(watch(algorithm, rows)[0])
    rows[500:900, 1] = np.nan
    back = is_alert(watch(algorithm, rows)[0])
    assert back[900:].sum() <= usual[900:].sum() + 3
    rows[1150, 1] = 400.0
    assert is_alert(watch(algorithm, rows)[0])[1150]


def test_rows_with_nothing_to_score_are_skipped(algorithm: str) -> None:
    rows = load_and_memory()
    rows[600:800] = np.nan
    sight, monitor = watch(algorithm, rows)
    empty = np.isnan(rows).all(axis=1)
    np.testing.assert_array_equal(sight.scored, ~empty)
    np.testing.assert_array_equal(np.isnan(sight.observations.scores), empty)
    assert monitor.rows_scored == N_ROWS - 200
    assert not sight.judgement.anomalies[empty].any()
    together, _ = watch(algorithm, rows[~empty])
    if algorithm != "value_gap":  # which goes by the hour of the day too
        np.testing.assert_array_equal(
            sight.observations.scores[~empty], together.observations.scores
        )


def test_gaps_raise_no_more_alerts_than_values(algorithm: str) -> None:
    whole, gappy = 0, 0
    for seed in range(4):
        rows = load_and_memory(seed)
        whole += int(is_alert(watch(algorithm, rows)[0]).sum())
        rows[np.random.default_rng(seed).random(rows.shape) < 0.3] = np.nan
        gappy += int(is_alert(watch(algorithm, rows)[0]).sum())
    assert gappy <= 1.2 * whole + 4


def test_gaps_survive_a_restart(algorithm: str) -> None:
    rows = load_and_memory()
    rows[np.random.default_rng(1).random(rows.shape) < 0.3] = np.nan
    moments = times(N_ROWS)
    whole = build_online_detector(algorithm, 2)
    expected = whole.score_learn_many(rows, moments)
    first, second = build_online_detector(algorithm, 2), build_online_detector(algorithm, 2)
    parts = [first.score_learn_many(rows[:777], moments[:777])]
    second.restore(first.state())
    assert np.array_equal(second.score_one(rows[777], moments[777]), expected[777], equal_nan=True)
    parts.append(second.score_learn_many(rows[777:], moments[777:]))
    np.testing.assert_array_equal(np.concatenate(parts), expected)
    assert second.state() == whole.state()
