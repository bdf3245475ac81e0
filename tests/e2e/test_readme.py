"""The README's calls of the API, run as they are printed there."""

import subprocess

import pytest

from tests.e2e.stack import ROOT, code_blocks, program

ADDRESS = "http://127.0.0.1:4200"


def block(stack):
    [found] = [text for text in code_blocks(ROOT / "README.md", "shell") if ADDRESS in text]
    return found.replace(ADDRESS, stack.url)


def said(command, stack):
    """Run a block and return what it prints.

    A server on SQLite may be too busy to answer; the key in the block makes it safe to ask again.
    """
    for _ in range(5):
        done = subprocess.run(
            command, env=stack.environment, capture_output=True, text=True, timeout=600, check=False
        )
        if "503 Service Unavailable" not in done.stderr:
            break
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def runs_with_key(key, stack):
    runs = stack.api.post("/flow_runs/filter", json={"sort": "START_TIME_DESC"}).json()
    return [run for run in runs if run["idempotency_key"] == key]


@pytest.mark.parametrize("attempt", ["first", "again"])
def test_the_curl_calls_print_the_report_of_one_run(stack, attempt):
    program("curl")
    program("jq")
    report = said(["bash", "-euo", "pipefail", "-c", block(stack)], stack)
    assert "anomalous according to k nearest neighbours" in report
    assert "data:image/png;base64," in report
    assert len(runs_with_key("orders-2026-03-01", stack)) == 1
