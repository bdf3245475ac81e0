"""Columns that stay empty, values that are stuck, feeds that fall silent."""

import numpy as np
import pandas as pd
import pytest

from detectors.registry import online_algorithms
from flows.backtest import backtest
from flows.push import push
from flows.stream import stream
from models.queries.alerts import AlertFilter, list_alerts
from models.queries.points import find_checkpoint, list_points, list_stream_statistics
from models.session import session_scope
from models.stream_status import AlertKind, AlertState
from tasks.database import open_engine, utc_now
from tasks.streams.push_points import Point
from tests.flows.streams import add_stream, alerts_of, the_stream

JUMPS = [700, 900, 1100]

pytestmark = pytest.mark.usefixtures("prefect_server", "vigil_home")


def feed(n: int = 1200) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "id": np.arange(n),
            "at": pd.date_range("2026-03-01", periods=n, freq="min", tz="UTC").astype(str),
            "load": rng.normal(40, 3, n),
            "mem": rng.normal(7, 1, n),
        }
    )


def conditions_of(name: str) -> list[tuple]:
    return [
        (one.kind, one.column, one.first_row, one.sequence, one.state)
        for one in sorted(alerts_of(name), key=lambda alert: alert.sequence)
        if one.kind is not AlertKind.ROW
    ]


def test_points_without_a_value_are_skipped_in_every_count(tmp_path):
    add_stream("pushed", columns=["load"])
    many = [Point(values={"load": float(i % 7)}) for i in range(40)]
    many += [Point(values={"load": None}) for _ in range(10)]
    state = push("pushed", many, return_state=True)
    result = state.result()
    assert (result.scored, result.skipped, result.known) == (40, 10, 0)
    assert state.message == "40 points scored, 10 skipped without a value, 1 alert"
    [raised] = result.alerts
    assert (raised.kind, raised.column, raised.score) == (AlertKind.MISSING, "load", None)
    with session_scope(open_engine(), writes=False) as session:
        stream_id = the_stream("pushed").id
        checkpoint = find_checkpoint(session, stream_id)
        assert checkpoint is not None
        assert (checkpoint.rows_seen, checkpoint.rows_scored) == (50, 40)
        assert (checkpoint.rows_skipped, checkpoint.rows_unscored) == (10, 10)
        [statistic] = list_stream_statistics(session, stream_id)
        assert (statistic.count, statistic.missing, statistic.empty_rows) == (40, 10, 10)
        latest = list_points(session, stream_id, limit=10).items
    assert all(point.score is None and not point.flagged for point in latest)


def test_asking_again_for_points_that_raised_a_condition_gets_the_same_answer():
    add_stream("pushed", columns=["load"])
    push("pushed", [Point(values={"load": float(i % 7)}) for i in range(40)])
    empty = [Point(values={"load": None}, key=f"k{i}") for i in range(12)]
    first, again = push("pushed", empty), push("pushed", empty)
    assert [one.kind for one in first.alerts] == [AlertKind.MISSING]
    assert (again.known, again.alerts) == (12, first.alerts)


def test_an_empty_column_and_a_stuck_one_raise_one_alert_each_however_rows_are_cut(tmp_path):
    frame = feed()
    frame.loc[600:, "mem"] = np.nan
    frame.loc[300:449, "load"] = frame.loc[300, "load"]
    frame.to_csv(tmp_path / "whole.csv", index=False)
    frame.to_csv(tmp_path / "cut.csv", index=False)
    add_stream("whole", tmp_path / "whole.csv", columns=["load", "mem"], time_column="at")
    add_stream("cut", tmp_path / "cut.csv", columns=["load", "mem"], time_column="at", page_limit=7)
    stream(streams=["whole"], run_for=3)
    for _ in range(2):  # the second run goes on from the checkpoint of the first
        stream(streams=["cut"], run_for=4)
    expected = [
        (AlertKind.STUCK, "load", 300, 329, AlertState.RESOLVED),
        (AlertKind.MISSING, "mem", 600, 609, AlertState.OPEN),
    ]
    assert conditions_of("whole") == expected
    assert conditions_of("cut") == expected
    alerts = {alert.kind: alert for alert in alerts_of("whole")}
    assert alerts[AlertKind.STUCK].resolved_event_at is not None
    assert alerts[AlertKind.MISSING].event_at is not None
    assert alerts[AlertKind.MISSING].resolved_event_at is None
    result = backtest("whole", columns=["load", "mem"], time_column="at")
    assert [(one.kind, one.column, one.first_row, one.row) for one in result.conditions] == [
        ("stuck", "load", 300, 329),
        ("missing", "mem", 600, 609),
    ]


def test_every_detector_finds_three_jumps_while_another_column_stays_empty(tmp_path):
    frame = feed()
    frame.loc[JUMPS, "load"] = 400
    frame.loc[600:, "mem"] = np.nan
    frame.loc[1150:1154, "load"] = np.nan
    frame.to_csv(tmp_path / "jumps.csv", index=False)
    names = [one.name for one in online_algorithms()]
    for name in names:
        add_stream(
            name,
            tmp_path / "jumps.csv",
            algorithm=name,
            detector={"algorithm": name},
            columns=["load", "mem"],
            time_column="at",
        )
    progress = {}
    while not progress or any(one.rows_seen < len(frame) for one in progress.values()):
        stream(streams=names, run_for=3)
        with session_scope(open_engine(), writes=False) as session:
            ids = {name: the_stream(name).id for name in names}
            found = {name: find_checkpoint(session, ids[name]) for name in names}
            progress = {name: one for name, one in found.items() if one is not None}
            assert set(progress) == set(names)
            points = {name: list_points(session, ids[name], limit=100).items for name in names}
    missing = [(AlertKind.MISSING, "mem", 600, 609, AlertState.OPEN)]
    for name in names:
        rows = {one.sequence for one in alerts_of(name) if one.kind is AlertKind.ROW}
        assert set(JUMPS) <= rows, name
        assert conditions_of(name) == missing, name
        assert (progress[name].rows_scored, progress[name].rows_skipped) == (1195, 5), name
        skipped = [one.sequence for one in points[name] if one.score is None]
        assert skipped == [1154, 1153, 1152, 1151, 1150], name
        assert all(one.is_anomaly is None for one in points[name] if one.score is None), name


def test_kinds_that_are_switched_off_raise_nothing(tmp_path):
    frame = feed()
    frame.loc[600:, "mem"] = np.nan
    frame.loc[300:449, "load"] = frame.loc[300, "load"]
    frame.to_csv(tmp_path / "quiet.csv", index=False)
    off = {"watch_missing": False, "watch_stuck": False, "silence_seconds": 0.0}
    add_stream("quiet", tmp_path / "quiet.csv", columns=["load", "mem"], time_column="at", **off)
    stream(streams=["quiet"], run_for=2)
    assert conditions_of("quiet") == []


def test_a_feed_that_falls_silent_raises_one_alert_until_a_row_comes_also_over_a_restart(tmp_path):
    path = tmp_path / "feed.csv"
    feed(100).to_csv(path, index=False)
    add_stream("silent", path, columns=["load"], silence_seconds=0.5)
    stream(streams=["silent"], run_for=3)
    stream(streams=["silent"], run_for=2)
    assert conditions_of("silent") == [(AlertKind.SILENCE, None, 100, 100, AlertState.OPEN)]
    feed(101).tail(1).to_csv(path, mode="a", header=False, index=False)
    stream(streams=["silent"], run_for=0.9)
    ended = conditions_of("silent")[0]
    assert ended == (AlertKind.SILENCE, None, 100, 100, AlertState.RESOLVED)
    with session_scope(open_engine(), writes=False) as session:
        matching = AlertFilter(the_stream("silent").id, kind=AlertKind.SILENCE)
        assert list_alerts(session, utc_now(), matching).total >= 1
