"""The command in a process of its own: interrupted, terminated, and failing."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from prefect.settings import get_current_settings

from models.queries.detections import list_detections
from models.queries.sources import add_source
from models.session import session_scope
from models.status import Status
from models.tables.source import SourceDefinition
from tasks.database import open_engine, utc_now

pytestmark = pytest.mark.usefixtures("prefect_server", "vigil_home")

VIGIL = Path(sys.executable).with_name("vigil")


def register(name, kind, **config):
    with session_scope(open_engine()) as session:
        add_source(session, SourceDefinition(name=name, kind=kind, config=config), utc_now())


def start_detecting(source):
    """Start ``vigil detect`` in a process of its own, which talks to the tests' Prefect server."""
    address = str(get_current_settings().api.url)
    return subprocess.Popen(
        [str(VIGIL), "detect", source],
        env=os.environ | {"PREFECT_API_URL": address},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_until(condition):
    deadline = time.monotonic() + 300
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def detections():
    with session_scope(open_engine(), writes=False) as session:
        return {run.source_name: run for run in list_detections(session).items}


def test_a_detection_that_is_interrupted_or_terminated_is_cancelled(http_server, monkeypatch):
    monkeypatch.setenv("VIGIL_READ_TIMEOUT_SECONDS", "600")  # nothing is asked for twice
    sent = {"interrupted": signal.SIGINT, "terminated": signal.SIGTERM}
    for name in sent:
        http_server.answer(f"/{name}", [], delay=600)
        register(name, "http", url=f"{http_server.url}/{name}")
    processes = {name: start_detecting(name) for name in sent}
    wait_until(lambda: len(http_server.requests) == len(sent))
    assert {run.status for run in detections().values()} == {Status.RUNNING}
    for name, process in processes.items():
        process.send_signal(sent[name])
    for name, process in processes.items():
        out, err = process.communicate(timeout=300)
        assert process.returncode == {"interrupted": 130, "terminated": -signal.SIGTERM}[name]
        assert "Traceback" not in out + err
    for run in detections().values():
        assert run.status is Status.CANCELLED
        assert run.completed_at is not None
        assert run.error_type is None


def test_a_failure_is_one_line_on_the_command_line(tmp_path):
    register("gone", "csv", path=str(tmp_path / "gone.csv"))
    process = start_detecting("gone")
    out, err = process.communicate(timeout=300)
    assert (process.returncode, out) == (1, "")
    *_, last = err.splitlines()
    assert last == f"vigil: {detections()['gone'].error_message}"
    assert "Traceback" not in err
