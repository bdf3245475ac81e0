"""The automations of the documentation, created as it says, fire."""

import sys
from pathlib import Path

import pytest

from tests.e2e.stack import ROOT, code_blocks, eventually


@pytest.fixture(scope="module", autouse=True)
def automations(stack, held_server):
    [script] = code_blocks(ROOT / "docs/automations.md", "shell")
    script = script.replace("https://hooks.example.com/vigil", held_server.url)
    script = script.replace(".venv/bin", str(Path(sys.executable).parent))
    stack.run(["bash", "-euo", "pipefail", "-c", script])
    found = stack.api.post("/automations/filter", json={}).json()
    yield {automation["name"] for automation in found}
    for automation in found:
        stack.api.delete(f"/automations/{automation['id']}")


@pytest.fixture
def told(held_server):
    """What the webhook is told during a test."""
    held_server.told.clear()
    return held_server.told


def test_all_are_created(automations):
    assert automations == {
        "Anomalies above a rate",
        "Batch with failed sources",
        "Batches of dead workers",
        "Crashed runs",
        "Failed batch",
    }


def test_a_high_rate_and_a_failed_batch_are_told_and_nothing_else(stack, told):
    share = {"method": "contamination", "share": 0.2}
    high = stack.start_run("detect", {"source": "orders", "threshold": share})
    low = stack.start_run("detect", {"source": "visits"})
    failed = stack.start_run("batch", {"tags": ["broken"]}, name="nightly-7")
    assert stack.wait_for_end(failed)["type"] == "FAILED"
    assert {stack.wait_for_end(run)["type"] for run in (high, low)} == {"COMPLETED"}
    eventually("both are told", lambda: len(told) >= 2)
    assert {message["text"] for message in told} == {
        "Vigil: anomaly rate 0.2000 in orders",
        "Vigil: batch nightly-7 Failed: error: 0 of 1 sources, 0 anomalies in 0 rows",
    }


def test_a_high_rate_and_a_failed_source_in_a_batch_are_told(stack, told):
    share = {"method": "contamination", "share": 0.1}
    sources = ["gone", "orders", "visits"]
    stack.start_run("batch", {"sources": sources, "threshold": share, "name": "weekly"})
    eventually("both are told", lambda: len(told) >= 2, seconds=90)
    assert {message["text"] for message in told} == {
        "Vigil: 1 of 3 sources failed in batch weekly",
        "Vigil: anomaly rate 0.1000 in weekly",
    }
    assert told[0]["event"]["highest_rate"] == 0.1
    assert told[0]["event"]["failed"] == 1
