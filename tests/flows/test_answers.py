"""What Prefect's server answers to parameters out of bounds, by the schema of each flow."""

import pytest
from prefect.utilities.callables import parameter_schema
from prefect.utilities.schema_tools.validation import ValidationError, validate

from detectors.registry import algorithms, online_algorithms
from flows.backtest import backtest
from flows.compare import compare
from flows.detect import detect


def answer(flow, **parameters) -> str:
    """Return the message of the server's check, empty if there is nothing to refuse."""
    schema = parameter_schema(flow.fn).model_dump()
    try:
        validate(parameters, schema, raise_on_error=True, ignore_required=True)
    except ValidationError as error:
        return str(error)
    return ""


FIELDS = [
    pytest.param(flow, info.name, parameter, id=f"{info.name}-{parameter.name}")
    for flow, every in ((detect, algorithms()), (backtest, online_algorithms()))
    for info in every
    for parameter in info.parameters
    if parameter.max is not None
]


@pytest.mark.parametrize(("flow", "algorithm", "parameter"), FIELDS)
def test_the_answer_names_parameter_bound_and_value(flow, algorithm, parameter):
    beyond = parameter.max + 1
    told = answer(flow, source="x", detector={"algorithm": algorithm, parameter.name: beyond})
    assert f"'detector.{parameter.name}'" in told
    assert f"{beyond} is greater than the maximum of {parameter.max}" in told
    assert not answer(
        flow, source="x", detector={"algorithm": algorithm, parameter.name: parameter.default}
    )


def test_the_answer_names_which_of_several_detectors_is_wrong():
    told = answer(
        compare,
        source="x",
        detectors=[{"algorithm": "knn"}, {"algorithm": "lof", "n_neighbors": 0}],
    )
    assert "'detectors[1].n_neighbors'" in told
    assert "0 is less than the minimum of 1" in told


def test_the_answer_names_an_unknown_algorithm_and_those_there_are():
    told = answer(detect, source="x", detector={"algorithm": "isolation_florest"})
    assert "'detector.algorithm'" in told
    assert "'isolation_florest' is not one of ['isolation_forest', " in told


def test_the_answer_names_an_unknown_parameter():
    told = answer(detect, source="x", detector={"algorithm": "lof", "n_trees": 3})
    assert "'n_trees' was unexpected" in told


def test_the_answer_names_the_rate_that_is_out_of_bounds():
    told = answer(detect, source="x", threshold={"method": "false_alarm", "rate": 7})
    assert "'threshold.rate'" in told
    assert "7 is greater than the maximum of" in told


@pytest.mark.parametrize("info", algorithms(), ids=lambda info: info.name)
def test_what_is_right_is_not_refused(info):
    chosen = {parameter.name: parameter.default for parameter in info.parameters}
    assert not answer(detect, source="x", detector={"algorithm": info.name, **chosen})
    assert not answer(detect, source="x", detector={"algorithm": info.name})
