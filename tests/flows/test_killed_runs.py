"""Runs of every kind whose process is killed are ended by the next run, or by `vigil repair`."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from prefect.client.orchestration import get_client
from prefect.settings import get_current_settings

from detectors.batch.statistical import StatisticalConfig
from flows.detect import detect
from flows.prune import prune
from models.queries.comparisons import list_comparisons
from models.queries.detections import list_detections
from models.queries.heartbeats import list_heartbeats
from models.session import session_scope
from models.status import Status
from settings import get_settings
from tasks.database import open_engine
from tasks.process import identify_process, is_running
from tasks.stale_runs import end_stale
from tests.flows.failures import register
from tests.flows.streams import add_stream, the_stream
from tests.flows.waiting import wait_for

pytestmark = pytest.mark.usefixtures("prefect_server", "vigil_home")

BY_KIND = {
    "detect": "from flows.detect import detect; detect('blocking')",
    "batch": "from flows.batch import batch; batch(['blocking'])",
    "compare": "from flows.compare import compare; compare('blocking')",
    "explain": "from flows.explain import explain; explain('{detection}', rows=[1])",
    "backtest": "from flows.backtest import backtest; backtest('blocking')",
    "stream": "from flows.stream import stream; stream()",
    # These read nothing that could be late: their work is held up.
    "push": "import time, flows.push as m; m.push_points = lambda *_: time.sleep(600); "
    "m.push('pushed', [{{'values': {{'a': 1}}}}])",
    "prune": "import time, flows.prune as m; m.prune_history = lambda _: time.sleep(600); "
    "m.prune()",
}


@pytest.fixture
def blocking(tmp_path, http_server):
    """A source that can be read once, and then answers late, with a detection and a stream."""
    random = np.random.default_rng(0)
    rows = pd.DataFrame(random.normal(size=(100, 2)), columns=["a", "b"])
    http_server.answer("/rows", rows.to_dict("records"))
    http_server.answer("/rows", [], delay=600)
    register("blocking", "http", url=f"{http_server.url}/rows")
    frame = rows.assign(c=1)
    frame.to_csv(tmp_path / "good.csv", index=False)
    register("good", "csv", path=str(tmp_path / "good.csv"))
    return http_server


def start(kind, **names):
    """Run a flow in a process of its own, which talks to the tests' Prefect server."""
    return subprocess.Popen(
        [sys.executable, "-c", BY_KIND[kind].format(**names)],
        env=os.environ | {"PREFECT_API_URL": str(get_current_settings().api.url)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def under_way():
    with session_scope(open_engine(), writes=False) as session:
        return {run.flow: run for run in list_heartbeats(session)}


def state_of(flow_run_id):
    with get_client(sync_client=True) as client:
        return client.read_flow_run(flow_run_id).state


def repair(*options):
    """Call the command as a person does."""
    done = subprocess.run(
        [Path(sys.executable).with_name("vigil"), "repair", "--json", *options],
        env=os.environ | {"PREFECT_API_URL": str(get_current_settings().api.url)},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)["ended"]


@pytest.mark.parametrize("kind", ["detect", "batch", "compare", "explain", "backtest", "stream"])
def test_a_killed_run_that_reads_is_ended_at_once_by_repair(blocking, kind, tmp_path):
    detection = None
    if kind == "explain":
        detection = detect("blocking", StatisticalConfig())
    else:
        blocking.next_answer("/rows")
    if kind == "stream":
        add_stream("feed", tmp_path / "feed.csv")
    blocking.requests.clear()
    process = start(kind, detection=detection)
    try:
        if kind == "stream":
            wait_for(lambda: the_stream("feed").lease_owner)
        else:
            wait_for(lambda: blocking.requests)
        run = under_way()[kind]
        assert repair() == []  # it is alive
    finally:
        process.kill()
        process.wait()

    would = repair("--dry-run")
    assert under_way().keys() == {kind}
    ended = repair()
    assert would == ended
    assert [one["status"] for one in ended if one["kind"] != "lease"] == ["error"]
    assert "its process died" in ended[0]["error_message"]
    assert (under_way(), repair()) == ({}, [])
    state = state_of(run.flow_run_id)
    assert (state.type.value, state.message) == (
        "CRASHED",
        "no sign of life; its process was probably killed",
    )
    with session_scope(open_engine(), writes=False) as session:
        unfinished = [
            one.status
            for one in (*list_detections(session).items, *list_comparisons(session).items)
            if one.status in (Status.PENDING, Status.RUNNING)
        ]
        assert unfinished == []
    if kind == "stream":
        assert the_stream("feed").lease_owner is None


@pytest.mark.parametrize("kind", ["push", "prune"])
def test_a_killed_run_that_does_not_read_is_ended_by_the_next_run(kind):
    add_stream("pushed")
    process = start(kind)
    try:
        wait_for(under_way)
        [run] = under_way().values()
    finally:
        process.kill()
        process.wait()
    prune()
    assert under_way() == {}
    assert state_of(run.flow_run_id).type.value == "CRASHED"


def test_a_process_that_computes_without_a_word_is_alive_and_a_suspended_one_dies_by_its_lease(
    blocking, monkeypatch
):
    """Suspended, it gives no sign of life, as if one call held the interpreter for minutes."""
    monkeypatch.setenv("VIGIL_STALE_AFTER_SECONDS", "5")
    get_settings.cache_clear()
    blocking.next_answer("/rows")
    process = start("detect")
    try:
        wait_for(lambda: blocking.requests)
        process.send_signal(signal.SIGSTOP)
        run = under_way()["detect"]
        wait_for(lambda: end_stale().flow_runs)
    finally:
        process.kill()
        process.wait()
    assert not is_running(run.process)
    assert is_running(identify_process())


def test_a_run_that_ends_by_itself_leaves_no_sign_of_life(blocking):
    detect("good", StatisticalConfig())
    with pytest.raises(Exception, match="no source"):
        detect("absent", StatisticalConfig())
    assert under_way() == {}
