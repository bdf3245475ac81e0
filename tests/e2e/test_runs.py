"""Runs by the API and by a schedule."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.e2e.stack import eventually

FLOWS = ("detect", "batch", "compare", "explain", "stream", "push", "backtest", "prune")


def runs_of(stack, name):
    wanted = {"deployments": {"name": {"any_": [name]}}}
    return stack.api.post("/flow_runs/count", json=wanted).json()


def set_state(stack, flow_run_id, state):
    path = f"/flow_runs/{flow_run_id}/set_state"
    return stack.api.post(path, json={"state": {"type": state}}).json()


def test_every_flow_is_deployed_with_its_limit(stack):
    found = stack.api.post("/deployments/filter", json={}).json()
    assert {one["name"]: one["entrypoint"] for one in found} == {
        name: f"flows.{name}.{name}" for name in FLOWS
    }
    assert all(one["global_concurrency_limit"]["limit"] >= 1 for one in found)
    assert all(one["enforce_parameter_schema"] for one in found)


def test_a_batch_by_api_leaves_results_and_a_report(stack, results):
    parameters = {
        "sources": ["orders", "visits"],
        "detector": {"algorithm": "knn", "n_neighbors": 7},
        "threshold": {"method": "contamination", "share": 0.02},
        "name": "by-api",
    }
    first = stack.start_run("batch", parameters, idempotency_key="once")
    assert stack.start_run("batch", parameters, idempotency_key="once") == first
    state = stack.wait_for_end(first)
    assert state["type"] == "COMPLETED", state
    batch = results.batch_of(first)
    assert (batch.name, batch.status, batch.detector["n_neighbors"]) == ("by-api", "success", 7)
    found = results.detections(batch.id)
    assert {name: one.anomaly_count for name, one in found.items()} == {"orders": 6, "visits": 6}
    report = stack.artifact(first, "batch-report")
    assert str(batch.id) in report["data"]
    assert "data:image/png;base64," in report["data"]


def test_a_comparison_by_api_leaves_a_report(stack):
    detectors = [{"algorithm": "lof"}, {"algorithm": "lof", "n_neighbors": 5}]
    run = stack.start_run("compare", {"source": "orders", "detectors": detectors})
    state = stack.wait_for_end(run)
    assert state["type"] == "COMPLETED", state
    report = stack.artifact(run, "comparison-orders")
    assert "data:image/png;base64," in report["data"]


def test_a_detection_is_explained_by_api(stack, results):
    detected = stack.start_run("detect", {"source": "orders", "explain_top": 1})
    assert stack.wait_for_end(detected)["type"] == "COMPLETED"
    assert "data:image/png;base64," in stack.artifact(detected, "explanation-orders")["data"]
    detection = results.detection_of(detected)
    run = stack.start_run("explain", {"detection": str(detection.id), "rows": [7, 8]})
    state = stack.wait_for_end(run)
    assert state["type"] == "COMPLETED", state
    report = stack.artifact(run, "explanation-orders")
    assert str(detection.id) in report["data"]


def test_a_second_batch_waits_for_the_first(stack):
    far_off = datetime.now(UTC) + timedelta(hours=1)
    state = {"type": "SCHEDULED", "state_details": {"scheduled_time": far_off.isoformat()}}
    runs = [stack.start_run("batch", {}, state=state) for _ in range(2)]
    answers = [set_state(stack, run, "PENDING") for run in runs]
    for run in runs:
        set_state(stack, run, "CANCELLED")
    assert [answer["status"] for answer in answers] == ["ACCEPT", "REJECT"]
    assert answers[1]["state"]["name"] == "AwaitingConcurrencySlot"


@pytest.mark.parametrize(
    ("name", "parameters", "reason"),
    [
        ("detect", {}, "'source' is a required property"),
        ("detect", {"source": "orders", "seed": -1}, "-1 is less than the minimum of 0"),
        ("detect", {"source": "orders", "missing": "guess"}, "'guess' is not one of ['impute'"),
        ("detect", {"source": "orders", "detector": {"n_estimators": 9}}, "'algorithm' is a req"),
        ("detect", {"source": "orders", "detector": {"algorithm": "magic"}}, "to be one of"),
        ("detect", {"source": "orders", "threshold": {"method": "fixed"}}, "'score' is a"),
        ("batch", {"detector": {"algorithm": "lof", "n_neighbors": 0}}, "0 is less than"),
        ("batch", {"detector": {"algorithm": "lof", "neighbours": 5}}, "('neighbours' was"),
        ("batch", {"max_workers": 0}, "0 is less than the minimum of 1"),
        ("explain", {}, "'detection' is a required property"),
        ("explain", {"detection": "ffffffff", "rows": []}, "field 'rows'"),
        ("explain", {"detection": "ffffffff", "top": 1001}, "1001 is greater than the maximum"),
        ("compare", {"source": "orders", "detectors": [{"algorithm": "lof"}]}, "is too short"),
    ],
)
def test_a_wrong_parameter_is_refused_with_the_reason(stack, name, parameters, reason):
    before = runs_of(stack, name)
    answer = stack.try_run(name, parameters)
    assert answer.status_code == 409
    assert reason in answer.json()["detail"]
    assert runs_of(stack, name) == before


def test_a_schedule_fires_by_itself_and_leaves_results(stack, results):
    deployment = stack.deployment("batch")
    soon = datetime.now(UTC) + timedelta(seconds=8)
    schedule = {
        "schedule": {"interval": 3600, "anchor_date": soon.isoformat()},
        "active": True,
        "parameters": {"sources": ["visits"], "name": "by-schedule"},
    }
    path = f"/deployments/{deployment['id']}/schedules"
    [created] = stack.api.post(path, json=[schedule]).json()
    wanted = {
        "deployments": {"name": {"any_": ["batch"]}},
        "flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}},
    }

    def fired():
        runs = stack.api.post("/flow_runs/filter", json=wanted).json()
        return next((run for run in runs if run["auto_scheduled"]), None)

    try:
        run = eventually("a scheduled run is completed", fired)
    finally:
        stack.api.delete(f"{path}/{created['id']}")
    batch = results.batch_of(run["id"])
    assert (batch.name, batch.status) == ("by-schedule", "success")
    assert results.detections(batch.id)["visits"].anomaly_count >= 1
