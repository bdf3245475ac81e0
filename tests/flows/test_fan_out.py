"""What a batch does with sources that hang, kill their worker, or are cancelled."""

import threading

import numpy as np
import pandas as pd
import pytest
from distributed import LocalCluster
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

from detectors.batch.isolation_forest import IsolationForestConfig
from detectors.batch.one_class_svm import OneClassSvmConfig
from detectors.batch.statistical import StatisticalConfig
from flows.batch import batch
from models.queries.batches import list_batch_results, list_batches
from models.queries.findings import list_anomalies
from models.session import session_scope
from models.status import Status
from settings import get_settings
from tasks.database import open_engine
from tests.flows.deadly_source import DeadlySource
from tests.flows.failures import register
from tests.flows.waiting import wait_for

pytestmark = pytest.mark.usefixtures("prefect_server", "vigil_home")

GOOD = ["berlin", "hamburg", "munich"]


@pytest.fixture
def runner(monkeypatch):
    def choose(**values):
        for name, value in values.items():
            monkeypatch.setenv(f"VIGIL_{name.upper()}", value)
        get_settings.cache_clear()

    yield choose
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.fixture
def shops(tmp_path):
    random = np.random.default_rng(0)
    for name in GOOD:
        write_table(tmp_path / f"{name}.csv", random.normal(size=(300, 3)))
        register(name, "csv", path=str(tmp_path / f"{name}.csv"))
    return tmp_path


@pytest.fixture
def deadly_source():
    server = DeadlySource(kills=1)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def write_table(path, X):
    X[7] = 50.0
    pd.DataFrame(X, columns=list("abc")).to_csv(path, index=False)


def latest():
    """Return the latest batch, and its detections by source."""
    with session_scope(open_engine(), writes=False) as session:
        found = list_batches(session).items[0]
        results = list_batch_results(session, found.id, limit=100).items
    return found, {run.source_name: run for run in results}


def findings(results):
    """Return everything that decides whether two runs found the same, of those that succeeded."""
    with session_scope(open_engine(), writes=False) as session:
        return {
            name: (
                run.threshold,
                run.score_quantiles,
                [
                    (row.row_index, row.score, row.p_value)
                    for row in list_anomalies(session, run.id, limit=100).items
                ],
            )
            for name, run in results.items()
            if run.status is Status.SUCCESS
        }


def statuses(results):
    return {name: run.status.value for name, run in results.items()}


def task_runs(flow_run_id):
    """Return the last state of each detection's task run, by source; Prefect hears of them late."""
    of_flow_run = FlowRunFilter(id=FlowRunFilterId(any_=[flow_run_id]))

    def ended():
        with get_client(sync_client=True) as client:
            runs = client.read_task_runs(flow_run_filter=of_flow_run)
        detections = [run for run in runs if run.name.startswith("detect-")]
        if detections and all(run.state.is_final() for run in detections):
            return {run.name.removeprefix("detect-"): run.state_name for run in detections}
        return None

    return wait_for(ended)


def test_sources_that_hang_on_threads_are_given_up_while_the_others_succeed(
    shops, http_server, caplog
):
    http_server.answer("/dribbling", body=b"[1,", endless=True)
    http_server.answer("/blocking", [{"a": 1}], delay=60)
    for name in ("dribbling", "blocking"):
        register(name, "http", url=f"{http_server.url}/{name}")
    hanging = ["blocking", "dribbling"]
    batch([*hanging, *GOOD], detector=StatisticalConfig(), max_workers=2, source_timeout=15)
    found, results = latest()
    assert found.status is Status.PARTIAL
    assert statuses(results) == dict.fromkeys(GOOD, "success") | dict.fromkeys(hanging, "error")
    for name in hanging:
        assert results[name].error_type == "TimeoutError"
        assert "no result within 15 s: raise source_timeout" in results[name].error_message
    assert task_runs(found.flow_run_id)["blocking"] == "TimedOut"
    late = wait_for(lambda: [r for r in caplog.records if "is error, expected" in r.getMessage()])
    assert len(late) == 1
    assert late[0].created > found.completed_at.timestamp()  # nobody waited for the answer
    assert late[0].exc_info is None
    assert latest()[1]["blocking"].error_type == "TimeoutError"


def test_a_process_that_is_killed_or_hangs_takes_no_other_source_with_it(
    shops, runner, deadly_source
):
    write_table(shops / "endless.csv", np.random.default_rng(1).normal(size=(50_000, 3)))
    register("endless", "csv", path=str(shops / "endless.csv"))
    register("deadly", "http", url=deadly_source.url)
    detector = OneClassSvmConfig(max_samples=50_000)
    batch(GOOD, detector=detector, max_workers=2)
    on_threads = findings(latest()[1])
    runner(task_runner="processes")
    batch(["endless", "deadly", *GOOD], detector=detector, max_workers=2, source_timeout=20.0)
    found, results = latest()
    assert found.status is Status.PARTIAL
    assert (results["deadly"].error_type, results["endless"].error_type) == (
        "WorkerKilled",
        "TimeoutError",
    )
    assert "run it again" in results["deadly"].error_message
    assert "raise source_timeout" in results["endless"].error_message
    assert findings(results) == on_threads
    assert set(on_threads) == set(GOOD)
    ended = dict.fromkeys(GOOD, "Completed") | {"deadly": "WorkerKilled", "endless": "TimedOut"}
    assert task_runs(found.flow_run_id) == ended


def test_processes_that_die_as_they_start_end_in_errors(shops, runner, monkeypatch):
    runner(task_runner="processes")
    monkeypatch.setenv("PYTHONHOME", str(shops / "nowhere"))  # no Python starts with that
    assert batch(GOOD, max_workers=1, return_state=True).is_failed()
    found, results = latest()
    assert found.status is Status.ERROR
    assert found.error_type == "TaskRunnerError"
    for run in results.values():
        assert (run.status, run.error_type) == (Status.ERROR, "TaskRunnerError")
        assert "VIGIL_TASK_RUNNER=threads" in run.error_message


def test_a_local_dask_cluster_finds_the_same_though_a_worker_of_it_dies(
    shops, runner, deadly_source
):
    register("deadly", "http", url=deadly_source.url)
    detector = IsolationForestConfig(n_estimators=20)
    batch(GOOD, detector=detector, max_workers=2)
    on_threads = findings(latest()[1])
    runner(task_runner="dask")
    batch(["deadly", *GOOD], detector=detector, max_workers=2)
    found, results = latest()
    assert found.status is Status.SUCCESS
    assert deadly_source.kills == 0
    assert findings(results) == on_threads | findings({"deadly": results["deadly"]})


def test_a_source_that_hangs_on_a_dask_cluster_is_ended_with_its_worker(shops, runner):
    write_table(shops / "endless.csv", np.random.default_rng(1).normal(size=(50_000, 3)))
    register("endless", "csv", path=str(shops / "endless.csv"))
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0") as there:
        runner(task_runner="dask", dask_address=there.scheduler_address)
        detector = OneClassSvmConfig(max_samples=50_000)
        batch(["endless", *GOOD], detector=detector, max_workers=2, source_timeout=20.0)
        found, results = latest()
        assert statuses(results) == dict.fromkeys(GOOD, "success") | {"endless": "error"}
        assert results["endless"].error_type == "TimeoutError"
        assert task_runs(found.flow_run_id)["endless"] == "TimedOut"
