"""A Prefect server, the deployments and a worker, started together and ended together."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import httpx

from cli.group import CommandError
from cli.output import console
from cli.prefect_server import SERVER_SETTINGS
from cli.progress import Progress

POOL = "vigil"
_START_TIMEOUT_SECONDS = 120
_STOP_TIMEOUT_SECONDS = 20


def run_stack(home: Path, host: str, port: int) -> None:
    """Start server, deployments and worker, and stay until interrupted.

    Args:
        home: folder of Prefect's database and of the logs.
        host: address the server listens on.
        port: its port.

    Raises:
        CommandError: the port is taken, a part did not start, or one ended by itself.
    """
    _check_port(host, port)
    logs = home / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    address = f"http://{host}:{port}"
    ours = {
        "PREFECT_HOME": str(home.resolve()),
        "PREFECT_API_URL": f"{address}/api",
        "PREFECT_SERVER_UI_API_URL": f"{address}/api",
    }
    environment = SERVER_SETTINGS | os.environ | ours
    with _interruptible(), _ended(processes := []):
        server = ["server", "start", "--host", host, "--port", str(port)]
        processes.append(_start("server", server, environment, logs))
        with Progress() as progress:
            progress.say("starting the Prefect server (the first start takes about 20 s)")
            _wait_until_healthy(address, processes[0], logs)
            progress.say("deploying the flows")
            _run(["work-pool", "create", POOL, "--type", "process", "--overwrite"], environment)
            _run(["deploy", "--all"], environment)
            worker = ["worker", "start", "--pool", POOL, "--type", "process"]
            processes.append(_start("worker", worker, environment, logs))
        out = console()
        out.print(f"Prefect UI   {address}", style="bold", soft_wrap=True)
        out.print(f"logs         {logs}", soft_wrap=True)
        out.print("Ctrl-C ends the server and the worker.")
        _watch(processes, logs)


def _prefect(arguments: list[str]) -> list[str]:
    return [sys.executable, "-m", "prefect", "--no-prompt", *arguments]


def _start(
    name: str, arguments: list[str], environment: dict[str, str], logs: Path
) -> subprocess.Popen[bytes]:
    # A session of its own, so that Ctrl-C reaches the parts in our order.
    with (logs / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            _prefect(arguments),
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )


def _run(arguments: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(
        _prefect(arguments), env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CommandError(f"`prefect {' '.join(arguments)}` failed:\n{done.stdout}{done.stderr}")


def _check_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        if probe.connect_ex((host, port)) == 0:
            raise CommandError(f"{host}:{port} is taken: end what listens there, or pass --port")


def _wait_until_healthy(address: str, server: subprocess.Popen[bytes], logs: Path) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise CommandError(f"the Prefect server ended at once: see {logs / 'server.log'}")
        try:
            if httpx.get(f"{address}/api/health", timeout=2, trust_env=False).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.3)
    raise CommandError(
        f"the Prefect server did not answer within {_START_TIMEOUT_SECONDS} s: "
        f"see {logs / 'server.log'}"
    )


def _watch(processes: list[subprocess.Popen[bytes]], logs: Path) -> None:
    try:
        while all(process.poll() is None for process in processes):
            time.sleep(0.5)
    except KeyboardInterrupt:
        return
    raise CommandError(f"the server or the worker ended by itself: see {logs}")


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let a termination signal end the parts just as Ctrl-C does."""

    def interrupt(signum: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


@contextmanager
def _ended(processes: list[subprocess.Popen[bytes]]) -> Iterator[None]:
    """End what was started, the last first, whatever happens."""
    try:
        yield
    finally:
        # A second Ctrl-C must not leave one of them running.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for process in reversed(processes):
            process.terminate()
            try:
                process.wait(_STOP_TIMEOUT_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
