import numpy as np
import pytest

from detectors.errors import DetectorError
from detectors.online.arrivals import Arrivals
from detectors.online.health import ColumnFault, ColumnHealth


def column(n: int = 2000, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(40, 3, (n, 1))


def minutes(n: int) -> np.ndarray:
    return 1.7e9 + 60.0 * np.arange(n)


def faults_in(
    X: np.ndarray, times: np.ndarray | None = None, backfill: int = 0
) -> list[ColumnFault]:
    return ColumnHealth(X.shape[1]).observe(
        X, minutes(len(X)) if times is None else times, backfill
    )


def test_a_column_that_stays_empty_is_missing_until_its_next_value() -> None:
    X = column()
    X[600:900] = np.nan
    assert faults_in(X) == [ColumnFault("missing", 0, 600, 609, 900)]
    X[600:] = np.nan
    assert faults_in(X) == [ColumnFault("missing", 0, 600, 609, None)]


def test_a_value_that_is_stuck_is_so_until_another_one() -> None:
    X = column()
    X[600:900] = X[600]
    assert faults_in(X) == [ColumnFault("stuck", 0, 600, 629, 900)]
    assert faults_in(X, np.full(len(X), np.nan)) == [ColumnFault("stuck", 0, 600, 629, 900)]


def test_a_column_that_never_held_a_value_is_missing() -> None:
    assert faults_in(np.full((700, 1), np.nan)) == [ColumnFault("missing", 0, 0, 499, None)]


def test_gaps_do_not_hide_a_value_that_is_stuck() -> None:
    X = column()
    X[600:900] = X[600]
    X[601:900:3] = np.nan
    assert [fault.kind for fault in faults_in(X)] == ["stuck"]


def test_no_fault_begins_during_the_backfill() -> None:
    X = column()
    X[600:900] = X[600]
    assert faults_in(X, backfill=1000) == []
    assert faults_in(X, backfill=700) == [ColumnFault("stuck", 0, 600, 700, 900)]


@pytest.mark.parametrize("seed", range(8))
def test_how_rows_are_cut_and_when_the_state_was_stored_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = rng.choice([0.0, 1.0, 2.0, np.nan], (4000, 3), p=[0.4, 0.3, 0.2, 0.1])
    for place in range(3):
        X[:, place] += rng.normal(size=4000) * (rng.random(4000) < 0.7)
        for start in rng.integers(300, 3800, 4):
            X[start : start + 150, place] = rng.choice([np.nan, 0.0, 1.5, X[:start].max()])
    times = np.where(rng.random(4000) < 0.1, np.nan, minutes(4000)) if seed % 2 else minutes(4000)
    whole = faults_in(X, times)
    assert whole
    health, first, pieces = ColumnHealth(3), 0, []
    for stop in [*np.sort(rng.integers(0, 4000, 200)).tolist(), 4000]:
        pieces += health.observe(X[first:stop], times[first:stop])
        again = ColumnHealth(3)
        again.restore(health.state())
        health, first = again, stop
    assert _joined(pieces) == _joined(whole)


def _joined(faults: list[ColumnFault]) -> tuple[set, set]:
    begun = {(one.kind, one.place, one.first_row, one.row) for one in faults if one.row is not None}
    ended = {
        (one.kind, one.place, one.first_row, one.ended_row)
        for one in faults
        if one.ended_row is not None
    }
    return begun, ended


def _usual(seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    n = 20_000
    hour = np.arange(n) / 60 % 24
    noise = rng.normal(0, 1, n)
    return {
        "noise": noise,
        "constant": np.zeros(n),
        "near-constant": (rng.random(n) < 0.01).astype(float),
        "boolean": rng.integers(0, 2, n).astype(float),
        "rare flag": np.repeat(rng.random(n // 200) < 0.3, 200).astype(float),
        "levels": rng.integers(1, 4, n).astype(float),
        "counter": np.cumsum(rng.integers(0, 2, n)).astype(float),
        "counts": rng.poisson(2, n).astype(float),
        "rounded": np.round(np.cumsum(noise) / 30, 1),
        "zero by night": np.where((hour > 6) & (hour < 18), 5 + noise, 0),
        "sparse": np.where(rng.random(n) < 0.05, noise, np.nan),
        "half filled": np.where(rng.random(n) < 0.5, noise, np.nan),
        "mostly filled": np.where(rng.random(n) < 0.9, noise, np.nan),
    }


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", list(_usual(0)))
def test_usual_columns_are_neither_missing_nor_stuck(name: str, seed: int) -> None:
    assert faults_in(_usual(seed)[name][:, None]) == []


def test_a_damaged_state_or_one_of_other_columns_is_refused() -> None:
    state = ColumnHealth(2).state()
    with pytest.raises(DetectorError):
        ColumnHealth(3).restore(state)
    with pytest.raises(DetectorError):
        ColumnHealth(2).restore(state[:-9])


def polled(
    arrivals: Arrivals, moments: np.ndarray, rows: bool, limit: float | None = None
) -> Arrivals:
    for moment in moments.tolist():
        arrivals = arrivals.poll(moment, 10.0, rows=rows, limit=limit)
    return arrivals


def test_a_feed_is_silent_after_the_limit_that_is_set_and_not_when_rows_come_again() -> None:
    fed = polled(Arrivals(), np.array([0.0]), rows=True, limit=600.0)
    assert not polled(fed, np.arange(10, 600, 10), rows=False, limit=600.0).silent
    silent = polled(fed, np.arange(10, 610, 10), rows=False, limit=600.0)
    assert silent.silent
    assert not polled(silent, np.array([620.0]), rows=True, limit=600.0).silent


def test_a_feed_is_silent_after_five_times_its_longest_pause() -> None:
    week = polled(Arrivals(), np.arange(0, 8 * 86_400, 30), rows=True)
    end = 8 * 86_400
    assert not polled(week, np.arange(end, end + 500, 10), rows=False).silent
    assert polled(week, np.arange(end, end + 700, 10), rows=False).silent


def test_nights_weekends_and_bursts_are_no_silence() -> None:
    feed, hour = Arrivals(), 3600
    for moment in range(0, 28 * 24 * hour, 30):
        day, of_day = divmod(moment // hour, 24)
        open_ = day % 7 < 5 and 8 <= of_day < 18
        feed = feed.poll(float(moment), 30.0, rows=open_ and moment % 300 == 0, limit=None)
        assert not feed.silent


def test_time_in_which_nobody_polls_is_no_silence() -> None:
    week = polled(Arrivals(), np.arange(0, 8 * 86_400, 30), rows=True)
    later = 20 * 86_400.0
    assert not week.poll(later, 10.0, rows=False, limit=None).silent
    assert not week.poll(0.0, 10.0, rows=False, limit=None).silent  # nor a clock that was set back
