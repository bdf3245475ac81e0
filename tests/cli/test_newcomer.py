"""What a newcomer does, on a machine without any profile: real processes, real servers."""

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest
import yaml

ROOT = Path(__file__).parents[2]
PROGRAM = str(Path(sys.executable).parent / "vigil")


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> "Machine":
    return Machine(tmp_path_factory.mktemp("newcomer"))


class Machine:
    """A home folder without any profile, and a checkout without any data."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.checkout = folder / "checkout"
        self.home.mkdir()
        self.checkout.mkdir()
        for name in ("prefect.yaml", "Makefile", "pyproject.toml", "constraints.txt"):
            (self.checkout / name).write_text((ROOT / name).read_text())
        self._install()
        kept = {
            name: os.environ[name]
            for name in ("PATH", "LANG", "NUMBA_CACHE_DIR")
            if name in os.environ
        }
        self.environment = kept | {
            "HOME": str(self.home),
            # Neither is there: the demo must not look for them.
            "PREFECT_API_URL": "http://127.0.0.1:9/api",
            "VIGIL_DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none",
        }
        self.demo = self.run(["make", "demo"])

    def _install(self) -> None:
        """Stand for what `make demo` installs: what is installed here."""
        installed = self.checkout / ".venv"
        installed.mkdir()
        (installed / "bin").symlink_to(Path(sys.executable).parent)
        for kind in (".installed", ".installed-test"):
            (installed / kind).touch()

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.checkout,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )


def test_the_demo_finds_anomalies_on_a_fresh_profile(machine):
    assert machine.demo.returncode == 0, machine.demo.stderr
    rows = [line.split() for line in machine.demo.stdout.splitlines() if line]
    assert rows[0] == ["source", "rows", "anomalies", "threshold", "AUROC", "AP", "seconds"]
    assert [row[0] for row in rows[1:4]] == ["breast-cancer", "wine", "digits"]
    assert all(float(row[4]) > 0.7 for row in rows[1:4])


def test_the_demo_shows_what_it_does_and_nothing_alarming(machine):
    said = machine.demo.stderr
    assert "the first start takes about 20 s" in said
    assert "wine: reading wine" in said
    for alarming in ("Traceback", "Warning", "ERROR", "Error"):
        assert alarming not in said + machine.demo.stdout


def test_the_demo_writes_only_into_its_folder_and_the_users_cache(machine):
    assert {path.name for path in machine.home.iterdir()} <= {".cache"}
    before = {"prefect.yaml", "Makefile", "pyproject.toml", "constraints.txt", ".venv"}
    assert {path.name for path in machine.checkout.iterdir()} == before | {".demo"}


def test_the_other_targets_run_what_they_say(machine):
    told = machine.run(["make", "-n", "up", "test"])
    assert told.stdout.splitlines() == [
        ".venv/bin/vigil up",
        ".venv/bin/pytest --numprocesses 2 --dist loadfile",
    ]


def test_the_commands_to_try_next_are_commands(machine):
    _, _, after = machine.demo.stdout.partition("Try next:")
    lines = [line.strip() for line in after.splitlines() if line]
    assert len(lines) == 3
    commands = [shlex.split(line.split("  ")[-1]) for line in lines]
    shown = machine.run(commands[0])
    assert shown.returncode == 0, shown.stderr
    assert "of breast-cancer are anomalous" in shown.stdout
    for command in commands[1:]:
        told = machine.run([*command, "--help"])
        assert told.returncode == 0, told.stderr


def test_ctrl_c_ends_a_detection_without_a_trace_and_keeps_it_as_cancelled(machine):
    vigil = [PROGRAM, "--home", ".demo"]
    slow = ["--algorithm", "autoencoder", "--set", "epochs=1000"]
    with subprocess.Popen(
        [*vigil, "detect", "digits", *slow],
        cwd=machine.checkout,
        env=machine.environment,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as running:
        assert running.stderr is not None
        for line in running.stderr:
            if line.startswith("fitting"):
                os.killpg(running.pid, signal.SIGINT)  # a terminal tells every process of the group
                break
        said = running.stderr.read()
    assert running.returncode == 130
    assert "Traceback" not in said
    latest = machine.run([*vigil, "detections", "latest", "digits", "--json"])
    assert json.loads(latest.stdout)["status"] == "cancelled"


def test_up_serves_the_flows_until_interrupted(machine):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [PROGRAM, "--home", ".demo", "up", "--port", str(port)]
    with subprocess.Popen(
        command,
        cwd=machine.checkout,
        env=machine.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as up:
        stop = threading.Timer(150, up.kill)
        stop.start()
        assert up.stdout is not None
        said = []
        for line in up.stdout:
            said.append(line)
            if "Ctrl-C" in line:
                break
        assert f"http://127.0.0.1:{port}" in "".join(said)
        answer = httpx.post(
            f"http://127.0.0.1:{port}/api/deployments/filter", json={}, trust_env=False
        )
        declared = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
        assert {deployment["name"] for deployment in answer.json()} == {
            deployment["name"] for deployment in declared
        }
        up.send_signal(signal.SIGINT)
        assert up.wait(60) == 0
        stop.cancel()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/api/health", trust_env=False)


def test_up_names_the_port_that_is_taken(machine):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        refused = machine.run([PROGRAM, "--home", ".demo", "up", "--port", str(port)])
    assert refused.returncode == 1
    assert f"127.0.0.1:{port} is taken" in refused.stderr


def test_up_outside_a_checkout_says_where_to_go(vigil, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refused = vigil("up")
    assert refused.code == 1
    assert "no prefect.yaml" in refused.err


def test_a_prefect_api_that_does_not_answer_is_named(machine, tmp_path):
    address = machine.environment["PREFECT_API_URL"]
    environment = machine.environment | {"VIGIL_HOME": str(machine.checkout / ".demo")}
    del environment["VIGIL_DATABASE_URL"]
    refused = subprocess.run(
        [PROGRAM, "detect", "wine"], env=environment, capture_output=True, text=True, check=False
    )
    assert refused.returncode == 1
    assert f"Prefect's API at {address} does not answer" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_prefect_folder_that_cannot_be_written_is_named(vigil, orders, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "file" / "prefect"))
    refused = vigil("detect", orders)
    assert refused.code == 1
    assert "Prefect's folder" in refused.err
