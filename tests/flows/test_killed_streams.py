"""A stream whose process is killed raises the alerts that it would have raised anyway."""

import os
import random
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from prefect.settings import get_current_settings

from flows.stream import stream
from models.queries.points import find_checkpoint
from models.session import session_scope
from models.stream_status import AlertKind, AlertState
from settings import get_settings
from tasks.database import open_engine, utc_now
from tests.flows.streams import add_stream, alerts_of, the_stream
from tests.flows.waiting import wait_for

pytestmark = pytest.mark.usefixtures("prefect_server", "vigil_home")

ROWS = 1_500
RUN = "from flows.stream import stream; stream(streams=['killed'], run_for=600)"


@pytest.fixture
def short_leases(monkeypatch):
    monkeypatch.setenv("VIGIL_STALE_AFTER_SECONDS", "5")
    get_settings.cache_clear()
    yield
    monkeypatch.undo()
    get_settings.cache_clear()


def lines() -> list[str]:
    """A column that goes empty and stays so, one that is stuck and recovers, and spikes."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "id": np.arange(ROWS),
            "load": rng.normal(40, 3, ROWS),
            "mem": rng.normal(7, 1, ROWS),
            "valve": rng.normal(2, 1, ROWS),
        }
    )
    frame.loc[[250, 560, 900, 901, 1300], "load"] = 400
    frame.loc[600:, "mem"] = np.nan
    frame.loc[400:649, "valve"] = frame.loc[400, "valve"]
    return frame.to_csv(index=False).splitlines(keepends=True)


def start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", RUN],
        env=os.environ | {"PREFECT_API_URL": str(get_current_settings().api.url)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def rows_seen(name: str) -> int:
    with session_scope(open_engine(), writes=False) as session:
        checkpoint = find_checkpoint(session, the_stream(name).id)
    return 0 if checkpoint is None else checkpoint.rows_seen


def raised(name: str, *, silence: bool) -> list[tuple]:
    return [
        (one.kind, one.column, one.first_row, one.sequence, one.score, one.incident, one.state)
        for one in alerts_of(name)
        if (one.kind is AlertKind.SILENCE) == silence
    ]


def run_and_kill(path: Path, more: list[str], pause: float, done) -> None:
    """Kill a run in the middle of work, once ``done`` and a pause later, while the file grows."""
    wait_for(lambda: not the_stream("killed").is_held(utc_now()))
    process = start()
    try:
        wait_for(lambda: the_stream("killed").is_held(utc_now()))
        with path.open("a") as file:
            for first in range(0, len(more), 10):
                file.writelines(more[first : first + 10])
                file.flush()
        wait_for(done)
        time.sleep(pause)
    finally:
        process.kill()
        process.wait()


def test_a_stream_that_is_killed_again_and_again_raises_what_an_undisturbed_one_does(
    tmp_path, short_leases
):
    header, *rows = lines()
    whole, killed = tmp_path / "whole.csv", tmp_path / "killed.csv"
    whole.write_text(header + "".join(rows))
    killed.write_text(header)
    columns = ["load", "mem", "valve"]
    add_stream("whole", whole, columns=columns, every_seconds=0.05)
    add_stream(
        "killed", killed, columns=columns, every_seconds=0.05, page_limit=3, silence_seconds=3.0
    )
    stream(streams=["whole"], run_for=3)
    expected = raised("whole", silence=False)
    conditions = [(*one[:4], one[-1]) for one in expected if one[0] is not AlertKind.ROW]
    assert sorted(conditions) == [
        (AlertKind.MISSING, "mem", 600, 609, AlertState.OPEN),
        (AlertKind.STUCK, "valve", 400, 429, AlertState.RESOLVED),
    ]
    assert {250, 560, 900, 901, 1300} <= {one[3] for one in expected}

    chance = random.Random(0)
    # Before the column is stuck, while it is, at the gap, after both; somewhere in each stretch.
    edges = [0, 380, 500, 605, 800, ROWS]
    for start_row, stop_row in pairwise(edges):
        target = chance.randrange(start_row + 1, stop_row)
        pause = chance.uniform(0, 0.2)
        run_and_kill(
            killed,
            rows[start_row:stop_row],
            pause,
            lambda least=target: rows_seen("killed") >= least,
        )

    def is_silent() -> bool:
        return any(one[3] == ROWS for one in raised("killed", silence=True))

    run_and_kill(killed, [], chance.uniform(0, 0.5), is_silent)
    polled_at = the_stream("killed").last_polled_at
    run_and_kill(killed, [], 4.0, lambda: the_stream("killed").last_polled_at > polled_at)
    assert rows_seen("killed") == rows_seen("whole") == ROWS
    assert raised("killed", silence=False) == expected
    silences = raised("killed", silence=True)
    assert [one[-1] for one in silences if one[3] == ROWS] == [AlertState.OPEN]
    assert len({one[3] for one in silences}) == len(silences)
