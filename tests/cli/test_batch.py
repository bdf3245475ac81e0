import json
import os
import pickle
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pandas as pd
import pytest
from prefect.settings import get_current_settings

from cli.batch_follower import BatchFollower
from cli.progress import Progress
from tests.flows.waiting import wait_for

pytestmark = pytest.mark.usefixtures("prefect_server")

QUICK = ("-a", "statistical", "--source-reports", "0")


def test_a_batch_is_run_and_shown_with_what_failed_first_and_what_to_do_next(vigil, shops):
    ran = vigil("batch", *QUICK, "--name", "nightly")
    assert ran.code == 3, ran.err
    headline, *_ = ran.out.splitlines()
    assert headline.startswith("nightly: partial, 2 of 3 sources succeeded; ")
    assert "400 rows" in headline
    assert "(weighted)" in ran.out
    assert "(unweighted)" in ran.out
    _, _, table = ran.out.partition("\nsource  ")
    _, first, *_ = table.splitlines()
    assert first.startswith("gone ")
    assert str(shops / "gone.csv") in first
    assert "vigil batch --resume" in ran.out
    assert "vigil detections show" in ran.out
    said = ran.err.splitlines()
    assert said[0].startswith("starting Prefect")
    assert "3 of 3 sources done, 1 failed" in said
    assert not any(line.startswith("reading") for line in said)
    page = vigil("batches", "list", "--json").json
    assert [batch["name"] for batch in page["items"]] == ["nightly"]


def test_every_option_reaches_the_flow(vigil, shops):
    words = (
        *("munich", "--algorithm", "isolation_forest", "--set", "n_estimators=20"),
        *("--column", "a", "--threshold", "contamination:0.05", "--sample-size", "60"),
        *("--missing", "drop_rows", "--seed", "5", "--max-workers", "2", "--name", "one"),
        *("--source-timeout", "50", "--source-reports", "0", "--json"),
    )
    ran = vigil("batch", *words)
    assert ran.code == 0, ran.err
    document = ran.json
    assert document == vigil("batches", "show", document["id"], "--json").json
    assert document["config"]["n_estimators"] == 20
    assert document["threshold_policy"] == {"method": "contamination", "share": 0.05}
    assert (document["columns"], document["sample_size"]) == (["a"], 60)
    assert (document["missing"], document["seed"], document["name"]) == ("drop_rows", 5, "one")
    assert (document["max_workers"], document["source_timeout_seconds"]) == (2, 50.0)
    assert [result["source_name"] for result in document["results"]] == ["munich"]


def test_a_batch_without_any_success_ends_with_1_and_is_resumed(vigil, shops):
    failed = vigil("batch", "gone", *QUICK, "--source-timeout", "0", "--json")
    assert failed.code == 1
    *_, message = failed.err.splitlines()
    assert message.endswith("not one source succeeded")
    document = failed.json
    assert (document["status"], document["failed_sources"]) == ("error", 1)
    assert document["source_timeout_seconds"] is None
    pd.DataFrame({"a": [*range(50), 900]}).to_csv(shops / "gone.csv", index=False)
    resumed = vigil("batch", "--resume", document["id"][:8], "--source-reports", "0", "--json")
    assert resumed.code == 0, resumed.err
    assert (resumed.json["id"], resumed.json["status"]) == (document["id"], "success")
    assert resumed.json["algorithm"] == "statistical"
    again = vigil("batch", "--resume", document["id"])
    assert again.code == 1
    assert "misses nothing" in again.err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("berlim",), "did you mean 'berlin'?"),
        (("--tag", "nowhere"), "registered are berlin, gone, munich"),
        (("-a", "lov"), "did you mean 'lof'?"),
        (("--threshold", "fix:1"), "expected one of false_alarm:RATE"),
        (("--resume", "abcd"), "no batch has the id abcd"),
        (("--resume", "abcd", "berlin"), "leave out SOURCE"),
        (("--resume", "abcd", "--seed", "0"), "leave out --seed"),
    ],
)
def test_a_wrong_request_is_refused_before_prefect_is_started(vigil, shops, words, expected):
    refused = vigil("batch", *words)
    assert refused.code == 1
    assert expected in refused.err
    assert "Prefect" not in refused.err
    assert vigil("batches", "list", "--json").json["total"] == 0


def test_without_any_source_the_remedy_is_named(vigil):
    assert "vigil sources apply" in vigil("batch").err


def test_without_options_the_parameters_are_those_of_the_flow():
    import typer.main

    from cli.choices import read_detector, read_threshold
    from cli.main import app
    from flows.batch import batch

    command = typer.main.get_command(app).commands["batch"]
    given = command.make_context("batch", []).params
    flow = {name: field.get("default") for name, field in batch.parameters.properties.items()}
    for name in ("missing", "seed", "name", "max_workers", "source_timeout", "source_reports"):
        assert given[name] == flow[name], name
    assert read_threshold(given["threshold"]).model_dump() == flow["threshold"]
    assert read_detector(given["algorithm"], ()).model_dump() == flow["detector"]


def test_a_follower_goes_with_its_flow_to_another_process_and_follows_nothing_there():
    with Progress() as progress:
        follower = BatchFollower(progress)
        assert pickle.loads(pickle.dumps(follower.begin)).__name__ == "begin"


@pytest.fixture
def start_batch(vigil, shops, http_server):
    """Start ``vigil batch`` in a process of its own on berlin and on a source that hangs."""
    http_server.answer("/rows", [], delay=60)
    setting = f"url={http_server.url}/rows"
    assert vigil("sources", "add", "hanging", "--kind", "http", "--set", setting).code == 0
    address = str(get_current_settings().api.url)
    program = str(Path(sys.executable).with_name("vigil"))

    def start(name):
        return subprocess.Popen(
            [program, "batch", "berlin", "hanging", *QUICK, "--name", name, "--json"],
            env=os.environ | {"PREFECT_API_URL": address},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


def test_ctrl_c_and_a_request_to_cancel_end_a_batch_and_keep_what_is_finished(
    vigil, start_batch, http_server
):
    names = ("interrupted", "cancelled")
    processes = {name: start_batch(name) for name in names}
    wait_for(lambda: len(http_server.requests) == len(names))

    def under_way():
        found = vigil("batches", "list", "--status", "running", "--json").json["items"]
        return found if all(one["completed_sources"] == 1 for one in found) else None

    running = {batch["name"]: batch["id"] for batch in wait_for(under_way)}
    assert set(running) == set(names)
    processes["interrupted"].send_signal(signal.SIGINT)
    asked = vigil("batches", "cancel", running["cancelled"], "--json").json
    assert (asked["cancelled_at_once"], asked["unfinished_sources"]) == (False, 1)
    watching = threading.Thread(
        target=lambda: watched.append(vigil("batches", "show", running["cancelled"], "--watch"))
    )
    watched = []
    watching.start()
    for name, code in zip(names, (130, 1), strict=True):
        out, err = processes[name].communicate(timeout=300)
        assert processes[name].returncode == code, err
        assert "Traceback" not in err
        assert err.splitlines()[-1] == f"vigil: {name} was cancelled before all was done"
        assert ("cancelling" in err.splitlines()) is (name == "interrupted")
        document = json.loads(out)
        assert document["status"] == "cancelled"
        assert {run["source_name"]: run["status"] for run in document["results"]} == {
            "berlin": "success",
            "hanging": "cancelled",
        }
    watching.join(timeout=300)
    [shown] = watched
    assert shown.code == 0
    assert "cancelled: cancelled, 1 of 2 sources succeeded" in shown.out
