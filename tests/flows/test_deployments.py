"""What `prefect.yaml` deploys, held to the flows and to the forms the UI draws from them."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect.flows import Flow, load_flow_from_entrypoint
from prefect.utilities.callables import parameter_schema

ROOT = Path(__file__).parents[2]
DEPLOYMENTS: list[dict[str, Any]] = yaml.safe_load((ROOT / "prefect.yaml").read_text())[
    "deployments"
]
NUMBERS = {"integer", "number"}
# What a flow cannot do without.
REQUIRED = {"source", "detection", "stream", "points"}


def flow_of(deployment: dict[str, Any]) -> Flow[Any, Any]:
    return load_flow_from_entrypoint(deployment["entrypoint"])


def parameters() -> list[Any]:
    found = []
    for deployment in DEPLOYMENTS:
        schema = parameter_schema(flow_of(deployment)).model_dump_for_openapi()
        for name, described in schema["properties"].items():
            identifier = f"{deployment['name']}-{name}"
            found.append(pytest.param(name, described, schema.get("required", []), id=identifier))
    return found


def alternatives(described: dict[str, Any]) -> list[dict[str, Any]]:
    return [described, *described.get("anyOf", [])]


def test_every_flow_has_a_deployment_of_its_name():
    files = {path.stem for path in (ROOT / "flows").glob("*.py") if "\n@flow" in path.read_text()}
    assert {deployment["name"] for deployment in DEPLOYMENTS} == files
    assert len(files) == len(DEPLOYMENTS)


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda deployment: deployment["name"])
def test_a_deployment_has_the_name_of_its_flow_and_file(deployment):
    name = deployment["name"]
    assert deployment["entrypoint"] == f"flows.{name}.{name}"
    assert flow_of(deployment).name == name


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda deployment: deployment["name"])
def test_a_deployment_says_what_its_flow_says(deployment):
    summary = flow_of(deployment).description.partition("\n")[0]
    assert deployment["description"] == summary
    assert "vigil" in deployment["tags"]
    assert deployment["concurrency_limit"]["limit"] >= 1


def test_a_schedule_is_inactive_until_switched_on():
    schedules = [one for deployment in DEPLOYMENTS for one in deployment.get("schedules", [])]
    assert [schedule["slug"] for schedule in schedules] == ["nightly", "always-on", "weekly"]
    assert not any(schedule["active"] for schedule in schedules)


@pytest.mark.parametrize(("name", "described", "required"), parameters())
def test_a_parameter_has_a_description_and_a_default(name, described, required):
    assert described.get("description"), "say in the flow's docstring what it is"
    assert (name in required) == ("default" not in described) == (name in REQUIRED)


@pytest.mark.parametrize(("name", "described", "required"), parameters())
def test_a_number_has_a_least_value_in_the_form(name, described, required):
    for one in alternatives(described):
        if one.get("type") in NUMBERS:
            assert {"minimum", "exclusiveMinimum"} & one.keys()
