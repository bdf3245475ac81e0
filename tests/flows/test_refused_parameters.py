"""What Prefect's API says of a parameter that is not allowed: which, what it holds, what it may."""

from typing import Any

import pytest
from prefect.flows import load_flow_from_entrypoint
from prefect.utilities.callables import parameter_schema
from prefect.utilities.schema_tools.validation import ValidationError, build_error_obj, validate

from detectors.registry import algorithms, online_algorithms

DETECTORS = [("detect", info) for info in algorithms()]
DETECTORS += [("backtest", info) for info in online_algorithms()]


def schema_of(flow: str) -> dict[str, Any]:
    loaded = load_flow_from_entrypoint(f"flows.{flow}.{flow}")
    return parameter_schema(loaded).model_dump_for_openapi()


def answer(flow: str, **parameters: Any) -> str:
    """What the API answers with, as its status 409."""
    with pytest.raises(ValidationError) as refused:
        validate({"source": "orders", **parameters}, schema_of(flow), raise_on_error=True)
    return str(refused.value)


@pytest.mark.parametrize(("flow", "info"), DETECTORS, ids=lambda it: getattr(it, "name", it))
def test_the_defaults_of_a_detector_are_allowed(flow, info):
    detector = {"algorithm": info.name} | {one.name: one.default for one in info.parameters}
    validate({"source": "orders", "detector": detector}, schema_of(flow), raise_on_error=True)


@pytest.mark.parametrize(("flow", "info"), DETECTORS, ids=lambda it: getattr(it, "name", it))
def test_a_number_out_of_bounds_is_named_with_its_value_and_the_bound(flow, info):
    for parameter in info.parameters:
        bounds = {"minimum": (parameter.min, -12_345), "maximum": (parameter.max, 12_345_678)}
        for kind, (bound, value) in bounds.items():
            if bound is None:
                continue
            said = answer(flow, detector={"algorithm": info.name, parameter.name: value})
            assert f"'detector.{parameter.name}'" in said
            assert f"{value} is " in said
            assert f"the {kind} of {bound:.15g}" in said


@pytest.mark.parametrize(
    ("detector", "reason"),
    [
        ({"algorithm": "knn", "n_neighbors": "a"}, "n_neighbors to be a whole number"),
        ({"algorithm": "knn", "method": "x"}, "method to be one of largest, mean"),
        ({"algorithm": "dbscan", "eps": "far"}, "eps to be a number or null"),
        ({"algorithm": "dbscan", "eps": -0.5}, "-0.5 is less than or equal to the minimum of 0"),
        ({"algorithm": "knn", "neighbours": 3}, "'neighbours' was unexpected"),
        ({"algorithm": "knm"}, "algorithm to be one of isolation_forest, consensus"),
        ({}, "'algorithm' is a required property"),
    ],
)
def test_a_wrong_parameter_of_a_detector_is_named_with_what_it_may_be(detector, reason):
    assert reason in answer("detect", detector=detector)


@pytest.mark.parametrize("key", [7, 17000000000000000001, 1.5, True, "007", None])
def test_the_key_of_a_point_may_be_a_number(key):
    points = [{"values": {"load": 1.0}, "key": key}]
    validate({"stream": "edge", "points": points}, schema_of("push"), raise_on_error=True)


def test_the_key_of_a_point_is_no_list():
    points = [{"values": {"load": 1.0}, "key": [7]}]
    with pytest.raises(ValidationError, match="key"):
        validate({"stream": "edge", "points": points}, schema_of("push"), raise_on_error=True)


@pytest.mark.parametrize(
    ("threshold", "reason"),
    [
        ({"method": "false_alarm", "rate": 5}, "5 is greater than the maximum of 0.5"),
        ({"method": "contamination", "share": 0}, "'threshold.share'"),
        ({"method": "fixed"}, "'score' is a required property"),
        ({"method": "quantile"}, "method to be one of false_alarm, contamination, fixed"),
    ],
)
def test_a_wrong_threshold_is_named_with_what_it_may_be(threshold, reason):
    assert reason in answer("detect", threshold=threshold)


def test_the_detector_of_several_that_has_a_wrong_parameter_is_counted():
    detectors = [{"algorithm": "knn"}, {"algorithm": "lof", "n_neighbors": 0}]
    assert "'detectors[1].n_neighbors'" in answer("compare", detectors=detectors)


def test_the_form_shows_what_is_wrong_at_the_field_itself():
    detector = {"algorithm": "knn", "n_neighbors": 0}
    errors = validate({"source": "orders", "detector": detector}, schema_of("detect"))
    [of_detector] = build_error_obj(errors)["errors"]
    assert of_detector["property"] == "detector"
    assert of_detector["errors"] == [
        {"property": "n_neighbors", "errors": ["0 is less than the minimum of 1"]}
    ]
