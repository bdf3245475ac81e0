import shlex

import pytest
import typer.main
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cli.choices import read_detector, read_threshold
from cli.group import CommandError
from cli.main import app
from detectors.errors import DetectorError
from detectors.registry import algorithms, parse_config
from detectors.threshold import Contamination, FalseAlarm, Fixed
from models.tables.detection import Detection
from tasks.command_lines import rerun_detection
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
    st.floats(0.0005, 0.5).map(lambda rate: FalseAlarm(rate=rate))
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


def request_of(command: str) -> DetectionRequest:
    """Read a command line as ``vigil detect`` does."""
    program, name, *words = shlex.split(command)
    assert (program, name) == ("vigil", "detect")
    parsed = typer.main.get_command(app).commands["detect"].make_context("detect", words).params
    return DetectionRequest(
        detector=read_detector(parsed["algorithm"], parsed["settings"] or ()),
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
