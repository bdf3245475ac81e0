"""The quickstart, block by block as it is printed, on a machine without any profile."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.e2e.stack import ROOT, code_blocks, program

ADDRESS = "http://127.0.0.1:4200"
PAGE = ROOT / "docs" / "quickstart.md"
# What make does here is run by tests/cli/test_newcomer.py.
BLOCKS = [
    block for block in code_blocks(PAGE, "shell") if block not in ("make demo\n", "make up\n")
]
# What a block begins with, and what it prints.
EXPECTED = {
    ". .venv/bin/activate": ["vigil "],
    "mkdir -p data": [],
    "cat > sources.yaml": ["created  ", "sales can be read: 10 rows"],
    "vigil detect sales": ["of sales are anomalous", "sales-700", "sales-1500"],
    "vigil detections latest": ["\nsales-700\n", "\nsales-1500\n"],
    "detection=$(vigil": ["row 700 (sales-700): anomaly", "contribution"],
    "vigil compare": ["sales-700", "consensus", "lof"],
    "vigil batch": ["returns", "success"],
    "vigil backtest": ["sales"],
    "vigil streams create": ["sales-2000"],
    "sed ": [],
    "export PREFECT_API_URL": ["Completed"],
}


@pytest.fixture(scope="module")
def terminal(stack, tmp_path_factory) -> "Terminal":
    program("jq")
    return Terminal(stack, tmp_path_factory.mktemp("quickstart"))


class Terminal:
    """A shell in a checkout that was just installed, which reaches the server and the worker."""

    def __init__(self, stack, folder: Path) -> None:
        self._stack = stack
        self.checkout = folder / "checkout"
        (self.checkout / ".venv").mkdir(parents=True)
        installed = Path(sys.executable).parent
        (self.checkout / ".venv" / "bin").symlink_to(installed)
        shutil.copy(ROOT / "prefect.yaml", self.checkout)
        self._environment = stack.environment | {
            "HOME": str(folder),
            "PATH": f"{installed}:{os.environ['PATH']}",
        }

    def run(self, command: list[str]) -> str:
        *words, text = command
        done = subprocess.run(
            [*words, text.replace(ADDRESS, self._stack.url)],
            cwd=self.checkout,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block[:20].strip())
def test_each_block_does_what_it_is_there_for(terminal, block):
    [expected] = [texts for beginning, texts in EXPECTED.items() if block.startswith(beginning)]
    printed = terminal.run(["bash", "-euo", "pipefail", "-c", block])
    for text in expected:
        assert text in printed


def test_the_schedules_are_active_then_but_for_the_one_that_removes(terminal):
    deployments = yaml.safe_load((terminal.checkout / "prefect.yaml").read_text())["deployments"]
    schedules = [one for each in deployments for one in each.get("schedules", ())]
    active = {schedule["slug"]: schedule["active"] for schedule in schedules}
    assert active == {"nightly": True, "always-on": True, "weekly": False}


def test_the_program_prints_the_message_and_the_report(terminal):
    [code] = code_blocks(PAGE, "python")
    printed = terminal.run([sys.executable, "-c", code])
    assert printed.startswith("success: 2 of 2 sources")
    assert "# All 2 sources checked" in printed
