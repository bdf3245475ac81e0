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


def told_of(held_server, texts):
    """Return those messages that the webhook was told once it was told all of ``texts``.

    Others may be told of other tests' runs, whose events are late on a busy machine.
    """

    def all_told():
        found = {message["text"]: message for message in list(held_server.told)}
        return [found[text] for text in texts] if found.keys() >= set(texts) else None

    return eventually(f"the webhook is told {texts}", all_told)


def test_all_are_created(automations):
    assert automations == {
        "Anomalies above a rate",
        "Batch with failed sources",
        "Batches of dead workers",
        "Crashed runs",
        "Failed batch",
    }


def test_a_high_rate_and_a_failed_batch_are_told_and_a_low_one_is_not(stack, held_server):
    share = {"method": "contamination", "share": 0.2}
    low = stack.start_run("detect", {"source": "visits"})
    assert stack.wait_for_end(low)["type"] == "COMPLETED"
    high = stack.start_run("detect", {"source": "orders", "threshold": share})
    failed = stack.start_run("batch", {"tags": ["broken"]}, name="nightly-7")
    assert stack.wait_for_end(failed)["type"] == "FAILED"
    assert stack.wait_for_end(high)["type"] == "COMPLETED"
    told_of(
        held_server,
        [
            "Vigil: anomaly rate 0.2000 in orders",
            "Vigil: batch nightly-7 Failed: error: 0 of 1 sources, 0 anomalies in 0 rows",
        ],
    )
    # The event of the low rate came first, so that it would have been told by now.
    texts = [message["text"] for message in held_server.told]
    assert [text for text in texts if text.endswith("in visits")] == []


def test_a_high_rate_and_a_failed_source_in_a_batch_are_told(stack, held_server):
    share = {"method": "contamination", "share": 0.1}
    sources = ["gone", "orders", "visits"]
    stack.start_run("batch", {"sources": sources, "threshold": share, "name": "weekly"})
    messages = told_of(
        held_server,
        [
            "Vigil: 1 of 3 sources failed in batch weekly",
            "Vigil: anomaly rate 0.1000 in weekly",
        ],
    )
    for message in messages:
        assert message["event"]["highest_rate"] == 0.1
        assert message["event"]["failed"] == 1
