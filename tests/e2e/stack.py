"""A Prefect server and process workers with homes of their own, as a deployment runs them."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psutil
import pytest

ROOT = Path(__file__).parents[2]
ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}

T = TypeVar("T")


class Stack:
    """Server, deployments and workers; ended by the ids of the processes it started.

    Attributes:
        url: address of the server, without a slash at the end.
        environment: of all its processes, and of commands that should reach them.
        api: client of Prefect's API.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.vigil_home = folder / "vigil"
        self.environment = _clean_environment() | {
            "PREFECT_HOME": str(folder / "prefect"),
            "PREFECT_API_URL": f"{self.url}/api",
            "PREFECT_SERVER_UI_API_URL": f"{self.url}/api",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            # So that nobody waits for the next look.
            "PREFECT_WORKER_QUERY_SECONDS": "1",
            "PREFECT_SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS": "2",
            "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "5",
            "VIGIL_HOME": str(self.vigil_home),
            "VIGIL_STALE_AFTER_SECONDS": "20",
        }
        self.api = httpx.Client(
            base_url=f"{self.url}/api", timeout=300, transport=_PatientTransport()
        )
        self._server: subprocess.Popen[bytes] | None = None
        self._workers: dict[int, subprocess.Popen[bytes]] = {}
        self._port = port

    def start(self) -> None:
        """Start the server, deploy all flows, and start a worker."""
        arguments = ["server", "start", "--host", "127.0.0.1", "--port", str(self._port)]
        self._server = self._start("server", arguments)
        eventually("the server answers", self._is_healthy)
        self.prefect("work-pool", "create", "vigil", "--type", "process")
        self.prefect("deploy", "--all")
        self.start_worker()

    def stop(self) -> None:
        """End what was started."""
        self.stop_workers()
        self.api.close()
        if self._server is not None:
            _end(self._server)

    def start_worker(self, *options: str, **environment: str) -> int:
        """Start a worker for the pool of the deployments, and return the id of its process.

        Args:
            options: of the command.
            environment: what is different for this worker and its flow runs.
        """
        arguments = ["worker", "start", "--pool", "vigil", "--type", "process", *options]
        worker = self._start("worker", arguments, environment)
        self._workers[worker.pid] = worker
        return worker.pid

    def stop_workers(self) -> None:
        """End all workers."""
        while self._workers:
            _end(self._workers.popitem()[1])

    def worker_of(self, flow_run_id: str) -> int | None:
        """Return the process id of the worker that has a flow run, or None as long as none has."""
        host_and_process = self.flow_run(flow_run_id)["infrastructure_pid"]
        if host_and_process is None:
            return None
        return psutil.Process(int(host_and_process.split(":")[-1])).ppid()

    def kill_worker(self, flow_run_id: str) -> None:
        """Kill the worker of a flow run and all that it runs, as a power cut would."""
        worker = self._workers.pop(self.worker_of(flow_run_id) or 0)
        for process in (psutil.Process(worker.pid), *psutil.Process(worker.pid).children(True)):
            process.kill()
        worker.wait()

    def prefect(self, *arguments: str) -> str:
        """Run a command of Prefect, and return what it prints."""
        return self.run([sys.executable, "-m", "prefect", "--no-prompt", *arguments])

    def vigil(self, *arguments: str) -> str:
        """Run a command of Vigil, and return what it prints."""
        return self.run([str(Path(sys.executable).parent / "vigil"), *arguments])

    def run(self, command: list[str]) -> str:
        """Run a command that must succeed, and return what it prints."""
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def deployment(self, name: str) -> dict[str, Any]:
        """Return a deployment as the API has it."""
        return self._json(self.api.get(f"/deployments/name/{name}/{name}"))

    def try_run(
        self, deployment: str, parameters: Mapping[str, object], **options: object
    ) -> httpx.Response:
        """Ask the API for a run of a deployment, and return its answer."""
        path = f"/deployments/{self.deployment(deployment)['id']}/create_flow_run"
        return self.api.post(path, json={"parameters": parameters, **options})

    def start_run(
        self, deployment: str, parameters: Mapping[str, object], **options: object
    ) -> str:
        """Start a run of a deployment, and return its id."""
        return str(self._json(self.try_run(deployment, parameters, **options))["id"])

    def flow_run(self, flow_run_id: str) -> dict[str, Any]:
        """Return a flow run as the API has it."""
        return self._json(self.api.get(f"/flow_runs/{flow_run_id}"))

    def wait_for_end(self, flow_run_id: str, seconds: float = 300) -> dict[str, Any]:
        """Wait until a flow run has ended, and return its last state."""

        def state() -> dict[str, Any] | None:
            found: dict[str, Any] = self.flow_run(flow_run_id)["state"]
            return found if found["type"] in ENDED else None

        return eventually("the flow run ends", state, seconds)

    def artifact(self, flow_run_id: str, key: str) -> dict[str, Any]:
        """Return the artifact of a flow run that has this key."""
        wanted = {"flow_run_id": {"any_": [flow_run_id]}, "key": {"any_": [key]}}
        [found] = self._json(self.api.post("/artifacts/filter", json={"artifacts": wanted}))
        return dict(found)

    def _start(
        self, name: str, arguments: list[str], environment: Mapping[str, str] | None = None
    ) -> "subprocess.Popen[bytes]":
        with (self._folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "prefect", "--no-prompt", *arguments],
                cwd=ROOT,
                env=self.environment | dict(environment or {}),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def _is_healthy(self) -> bool:
        try:
            return self.api.get("/health").is_success
        except httpx.TransportError:
            return False

    @staticmethod
    def _json(answer: httpx.Response) -> Any:
        assert answer.is_success, answer.text
        return answer.json()


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class _PatientTransport(httpx.HTTPTransport):
    """Asks again while the server's SQLite database is busy, as Prefect's own client does."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        for _ in range(50):
            answer = super().handle_request(request)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
            answer.close()
            time.sleep(0.2)
        return answer


def eventually(what: str, condition: Callable[[], T | None], seconds: float = 300) -> T:
    """Wait until a condition holds, and return its value."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"waited {seconds:g} s until {what}"
        time.sleep(0.25)
    return value


def program(name: str) -> str:
    """Return the path of a program; without it the test is skipped, or fails where CI=true."""
    path = shutil.which(name)
    if path is None:
        missing = f"{name} is not installed: `apt-get install {name}`, or run .ci/run"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return path


def code_blocks(page: Path, language: str) -> list[str]:
    """Return the blocks of a page that are code in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(), re.DOTALL | re.MULTILINE)


def _clean_environment() -> dict[str, str]:
    """What a person's own settings may not change."""
    foreign = ("PREFECT_", "VIGIL_")
    return {name: value for name, value in os.environ.items() if not name.startswith(foreign)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
