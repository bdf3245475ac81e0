import shlex
from typing import Any

import pytest
import typer.main
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cli.choices import read_detector, read_detectors, read_threshold
from cli.group import CommandError
from cli.main import app
from detectors.errors import DetectorError
from detectors.registry import BatchConfig, algorithms, parse_config
from detectors.threshold import Contamination, FalseAlarm, Fixed
from models.tables.comparison import Comparison
from models.tables.detection import Detection
from tasks.command_lines import rerun_comparison, rerun_detection
from tasks.comparison_request import label_apart
from tasks.database import utc_now
from tasks.detection_request import DetectionRequest


def values_of(parameter):
    match parameter:
        case _ if parameter.options:
            values = st.sampled_from(parameter.options)
        case _ if parameter.type == "integer":
            values = st.integers(int(parameter.min), int(parameter.max))
        case _ if parameter.type == "number":
            values = st.floats(parameter.min, parameter.max, exclude_min=parameter.above_min)
        case _ if parameter.type == "boolean":
            values = st.booleans()
    return values | st.just(parameter.default)


@st.composite
def detectors(draw):
    info = draw(st.sampled_from(algorithms()))
    values = {parameter.name: draw(values_of(parameter)) for parameter in info.parameters}
    try:
        return parse_config({"algorithm": info.name, **values})
    except DetectorError:  # two values that do not go together
        assume(False)


thresholds = (
    st.floats(1e-6, 0.5).map(lambda rate: FalseAlarm(rate=rate))
    | st.floats(0, 0.5, exclude_min=True).map(lambda share: Contamination(share=share))
    | st.floats(allow_nan=False, allow_infinity=False).map(lambda score: Fixed(score=score))
)
requests = st.builds(
    DetectionRequest,
    detector=detectors(),
    threshold=thresholds,
    columns=st.none() | st.lists(st.text(min_size=1), min_size=1, max_size=3).map(tuple),
    sample_size=st.none() | st.integers(2, 10**9),
    missing=st.sampled_from(["impute", "drop_rows", "error"]),
    seed=st.integers(0, 2**32 - 1),
)


def parse(command: str, expected: str) -> dict[str, Any]:
    """Return what a command line gives ``vigil detect`` or another command."""
    program, name, *words = shlex.split(command)
    assert (program, name) == ("vigil", expected)
    return typer.main.get_command(app).commands[name].make_context(name, words).params


def request_of(command: str) -> DetectionRequest:
    """Read a command line as ``vigil detect`` does."""
    parsed = parse(command, "detect")
    return request_with(read_detector(parsed["algorithm"], parsed["settings"] or ()), parsed)


def requests_of(command: str) -> list[DetectionRequest]:
    """Read a command line as ``vigil compare`` does."""
    parsed = parse(command, "compare")
    return [request_with(each, parsed) for each in read_detectors(parsed["algorithm"])]


def request_with(detector: BatchConfig, parsed: dict[str, Any]) -> DetectionRequest:
    return DetectionRequest(
        detector=detector,
        threshold=read_threshold(parsed["threshold"]),
        columns=tuple(parsed["column"]) if parsed["column"] else None,
        sample_size=parsed["sample_size"],
        missing=parsed["missing"],
        seed=parsed["seed"],
    )


@settings(deadline=None)
@given(requests)
def test_the_command_in_a_report_asks_for_the_same_detection_again(request):
    stored = request.stored(source_id=None, flow_run_id=None)
    detection = Detection(**vars(stored), source_name="orders", created_at=utc_now())
    assert request_of(rerun_detection(detection)) == request


@settings(deadline=None, max_examples=20)
@given(requests, st.lists(detectors(), min_size=2, max_size=12))
def test_the_command_in_a_report_asks_for_the_same_comparison_again(request, compared):
    wanted = [request.model_copy(update={"detector": detector}) for detector in compared]
    comparison = Comparison(
        **vars(request.stored_comparison(source_id=None, flow_run_id=None)),
        source_name="orders",
        created_at=utc_now(),
        labels=label_apart(compared),
    )
    detections = [
        Detection(**vars(each.stored(None, None)), source_name="orders", created_at=utc_now())
        for each in wanted
    ]
    assert requests_of(rerun_comparison(comparison, detections)) == wanted


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["lof"], "1 given, and a comparison has 2 to 12"),
        (["lof"] * 13, "13 given"),
        (["lof", "knn:"], "expected name=value"),
        (["lof", "knn:n_neighbors"], "-a knn: n_neighbors: expected name=value"),
        (["lof", "knn:n_neighbors=5,n_neighbors=6"], "n_neighbors is given twice"),
        (["lof", "kn"], "did you mean 'knn'"),
        (["lof", "knn:neighbors=5"], "did you mean 'n_neighbors'"),
        (["lof", "knn:n_neighbors=0"], "n_neighbors must be"),
    ],
)
def test_detectors_that_cannot_be_compared_are_refused_with_what_was_expected(texts, expected):
    with pytest.raises((CommandError, DetectorError)) as refused:
        read_detectors(texts)
    assert expected in str(refused.value)


def test_a_comparison_has_as_many_detectors_as_the_flow_allows_and_its_defaults():
    from cli.choices import FEWEST_DETECTORS, MOST_DETECTORS
    from flows.compare import compare

    flow = compare.parameters.properties
    bounds = (flow["detectors"]["minItems"], flow["detectors"]["maxItems"])
    assert bounds == (FEWEST_DETECTORS, MOST_DETECTORS)
    command = typer.main.get_command(app).commands["compare"]
    [option] = [option for option in command.params if option.name == "algorithm"]
    first, *others, last = [each["algorithm"] for each in flow["detectors"]["default"]]
    assert f"By default {', '.join([first, *others])} and {last}." in option.help
    given = command.make_context("compare", ["orders"]).params
    assert read_threshold(given["threshold"]).model_dump() == flow["threshold"]["default"]
    assert given["seed"] == flow["seed"]["default"]
    assert given["missing"] == flow["missing"]["default"]


def test_without_options_the_detector_and_threshold_are_those_of_the_flow():
    from flows.detect import detect

    parameters = detect.parameters.properties
    again = request_of("vigil detect orders")
    assert again.detector.model_dump() == parameters["detector"]["default"]
    assert again.threshold.model_dump() == parameters["threshold"]["default"]
    assert again.seed == parameters["seed"]["default"]
    assert again.missing == parameters["missing"]["default"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("false_alarms:0.01", "expected one of false_alarm:RATE, contamination:SHARE, fixed:SCORE"),
        ("false_alarm:2", "less than or equal to 0.5"),
        ("contamination:many", "valid number"),
        ("fixed", "score: field required"),
        ("fixed:nan", "finite number"),
    ],
)
def test_a_threshold_that_cannot_be_is_refused_with_what_was_expected(text, expected):
    with pytest.raises(CommandError, match="--threshold") as refused:
        read_threshold(text)
    assert expected in str(refused.value)


def test_a_policy_without_a_value_takes_its_default():
    assert read_threshold("false_alarm") == FalseAlarm()
    assert read_threshold("contamination") == Contamination()
