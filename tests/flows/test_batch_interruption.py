"""A batch that is cancelled, interrupted, terminated or killed keeps what it has, and says so."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pandas as pd
import psutil
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.settings import get_current_settings

from detectors.batch.statistical import StatisticalConfig
from flows.batch import batch
from models.queries.batch_life import request_cancel
from models.queries.batches import list_batch_results, list_batches
from models.session import session_scope
from models.status import Status
from settings import get_settings
from tasks.database import open_engine, utc_now
from tests.flows.failures import register
from tests.flows.waiting import wait_for

pytestmark = pytest.mark.usefixtures("prefect_server", "vigil_home")

SOURCES = ["berlin", "blocking", "munich"]


@pytest.fixture
def shops(tmp_path, http_server):
    """Two good sources, and between them one that answers late."""
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(300, 3)), columns=list("abc"))
    for name in ("berlin", "munich"):
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
        register(name, "csv", path=str(tmp_path / f"{name}.csv"))
    register("blocking", "http", url=f"{http_server.url}/rows")
    return http_server


def batches():
    """Return every batch by name, and the statuses of its detections by source."""
    with session_scope(open_engine(), writes=False) as session:
        return {
            found.name: (
                found,
                {
                    run.source_name: run.status.value
                    for run in list_batch_results(session, found.id, limit=100).items
                },
            )
            for found in list_batches(session, limit=100).items
        }


def shown_progress():
    wanted = ArtifactFilter(key=ArtifactFilterKey(any_=["batch-progress"]))
    with get_client(sync_client=True) as client:
        artifacts = client.read_artifacts(artifact_filter=wanted)
    return max(artifacts, key=lambda one: one.created).description


@pytest.mark.parametrize("runner", ["threads", "processes"])
def test_a_batch_is_cancelled_on_request_without_waiting_for_what_runs(
    shops, runner, monkeypatch, caplog
):
    monkeypatch.setenv("VIGIL_TASK_RUNNER", runner)
    get_settings.cache_clear()
    shops.answer("/rows", [{"a": 1}, {"a": 2}], delay=60)
    progress = []

    def cancel():
        wait_for(lambda: shops.requests)
        progress.append(wait_for(lambda: "blocking" in shown_progress() and shown_progress()))
        with session_scope(open_engine()) as session:
            request_cancel(session, list_batches(session).items[0].id, utc_now())

    person = threading.Thread(target=cancel)
    person.start()
    state = batch(SOURCES, detector=StatisticalConfig(), max_workers=1, return_state=True)
    person.join()
    assert progress == ["1 of 3 sources done; now: blocking"]
    assert (state.name, state.is_cancelled()) == ("Cancelled", True)
    assert state.message == "cancelled on request; 2 sources were not finished"
    [(found, statuses)] = batches().values()
    assert found.status is Status.CANCELLED
    assert statuses == {"berlin": "success", "blocking": "cancelled", "munich": "cancelled"}
    assert multiprocessing.active_children() == []
    if runner == "threads":  # which nothing ends: it finds that its result is not wanted any more
        wait_for(lambda: "is cancelled, expected pending or running" in caplog.text)


BATCH = """
from detectors.batch.statistical import StatisticalConfig
from flows.batch import batch
batch({sources}, name={name!r}, max_workers=1, detector=StatisticalConfig())
"""


def start_batch(name, runner):
    """Start a batch in a process of its own, which talks to the tests' Prefect server."""
    address = str(get_current_settings().api.url)
    return subprocess.Popen(
        [sys.executable, "-c", BATCH.format(sources=SOURCES, name=name)],
        env=os.environ | {"PREFECT_API_URL": address, "VIGIL_TASK_RUNNER": runner},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def test_an_interrupted_or_terminated_batch_is_cancelled_and_a_killed_one_is_resumed(
    shops, monkeypatch
):
    monkeypatch.setenv("VIGIL_READ_TIMEOUT_SECONDS", "600")  # nothing is asked for twice
    for _ in range(3):
        shops.answer("/rows", [], delay=600)
    shops.answer("/rows", [{"a": i % 7, "b": i % 5} for i in range(100)])
    processes = {
        "interrupted": (start_batch("interrupted", "threads"), signal.SIGINT),
        "terminated": (start_batch("terminated", "processes"), signal.SIGTERM),
        "killed": (start_batch("killed", "processes"), signal.SIGKILL),
    }
    halfway = {"berlin": "success", "blocking": "running", "munich": "pending"}
    wait_for(lambda: [statuses for _, statuses in batches().values()] == [halfway] * 3)
    wait_for(lambda: len(shops.requests) == len(processes))
    workers = [
        child
        for process, _ in processes.values()
        for child in psutil.Process(process.pid).children(recursive=True)
    ]
    assert len(workers) >= 2
    for process, number in processes.values():
        process.send_signal(number)
    for process, _ in processes.values():
        assert process.wait(timeout=300) != 0
    _, alive = psutil.wait_procs(workers, timeout=300)
    assert alive == []
    left = batches()
    for name in ("interrupted", "terminated"):
        found, statuses = left[name]
        assert found.status is Status.CANCELLED
        assert statuses == {"berlin": "success", "blocking": "cancelled", "munich": "cancelled"}
    killed, statuses = left["killed"]
    assert killed.status is Status.RUNNING
    assert statuses == {"berlin": "success", "blocking": "running", "munich": "pending"}

    monkeypatch.setenv("VIGIL_STALE_AFTER_SECONDS", "5")
    get_settings.cache_clear()
    wait_for(lambda: utc_now() - killed.heartbeat_at > pd.Timedelta(seconds=5))
    batch(["munich"], name="the next run", detector=StatisticalConfig())
    killed, statuses = batches()["killed"]
    assert (killed.status, killed.error_type) == (Status.PARTIAL, "Orphaned")
    assert statuses == {"berlin": "success", "blocking": "error", "munich": "error"}

    batch(resume=killed.id)
    killed, statuses = batches()["killed"]
    assert killed.status is Status.SUCCESS
    assert set(statuses.values()) == {"success"}
