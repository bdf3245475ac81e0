"""A batch that is cancelled, and one whose process is killed."""

import pytest
import yaml

from tests.e2e.stack import ROOT, eventually

MIXED = ["orders", "held-1", "held-2", "held-3"]


@pytest.fixture
def begun(stack, results, held):
    """A batch of which one source is done, two are worked on, and one waits."""
    flow_run_id = stack.start_run("batch", {"sources": MIXED, "max_workers": 2})
    expected = {"held-1": "running", "held-2": "running", "held-3": "pending", "orders": "success"}

    def halfway():
        batch = results.batch_of(flow_run_id)
        return batch if batch and results.statuses(batch.id) == expected else None

    return flow_run_id, eventually("the batch is halfway", halfway).id


def test_cancelling_keeps_what_is_finished_and_ends_the_rest(stack, results, held, begun):
    flow_run_id, batch_id = begun
    stack.api.post(f"/flow_runs/{flow_run_id}/set_state", json={"state": {"type": "CANCELLING"}})
    eventually("the batch has ended", lambda: results.batch(batch_id).completed_at)
    assert results.batch(batch_id).status == "cancelled"
    assert results.statuses(batch_id) == {
        "orders": "success",
        "held-1": "cancelled",
        "held-2": "cancelled",
        "held-3": "cancelled",
    }
    held.released.set()
    assert stack.wait_for_end(flow_run_id)["type"] == "CANCELLED"


@pytest.fixture
def crashed_runs(stack):
    """The automation of the documentation, with less patience."""
    automation = yaml.safe_load((ROOT / "docs/automations/crashed_runs.yaml").read_text())
    automation["trigger"]["within"] = 15
    created = stack.api.post("/automations/", json=automation)
    assert created.status_code == 201, created.text
    yield
    stack.api.delete(f"/automations/{created.json()['id']}")


def test_a_killed_batch_is_marked_ended_with_a_reason_and_resumed(
    crashed_runs, stack, results, held, begun
):
    flow_run_id, batch_id = begun
    stack.kill_worker(flow_run_id)
    stack.start_worker()
    held.released.set()

    assert results.batch(batch_id).status == "running"

    def ended():
        stack.vigil("batches", "repair")
        return results.batch(batch_id).completed_at

    eventually("its lease has run out, or its process is seen to be gone", ended)
    found = results.detections(batch_id)
    assert results.batch(batch_id).status == "partial"
    assert {name: one.error_type for name, one in found.items()} == {
        "orders": None,
        "held-1": "Orphaned",
        "held-2": "Orphaned",
        "held-3": "Orphaned",
    }
    assert f"vigil batch --resume {batch_id}" in found["held-1"].error_message

    state = stack.wait_for_end(flow_run_id)
    assert (state["type"], state["message"]) == (
        "CRASHED",
        "no sign of life; its process was probably killed",
    )

    resumed = stack.start_run("batch", {"resume": str(batch_id)})
    assert stack.wait_for_end(resumed)["type"] == "COMPLETED"
    after = results.detections(batch_id)
    assert results.batch(batch_id).status == "success"
    assert {one.status for one in after.values()} == {"success"}
    assert after["orders"].completed_at == found["orders"].completed_at
