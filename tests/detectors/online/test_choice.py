import json
import subprocess
import sys
from pathlib import Path

import pytest
from prefect.utilities.callables import parameter_schema

from detectors.errors import DetectorError
from detectors.online.rolling_zscore import RollingZscoreConfig
from detectors.registry import (
    OnlineConfig,
    build_online_detector,
    online_algorithms,
    parse_online_config,
)

NAMES = [info.name for info in online_algorithms()]
PAGE = Path(__file__).parents[3] / "docs" / "online_detectors.md"


def test_the_online_detectors_of_the_design_are_there_and_value_gap_comes_first() -> None:
    assert NAMES == [
        *("value_gap", "rolling_zscore", "ewma"),
        *("windowed_isolation_forest", "half_space_trees", "rrcf"),
    ]


@pytest.mark.parametrize("algorithm", NAMES)
def test_every_algorithm_says_what_a_person_needs_to_choose_it(algorithm: str) -> None:
    [info] = [info for info in online_algorithms() if info.name == algorithm]
    assert info.description
    assert info.pros
    assert info.cons
    assert info.default_threshold is not None
    config = parse_online_config(algorithm)
    assert parse_online_config(json.loads(json.dumps(config.model_dump(mode="json")))) == config
    for parameter in info.parameters:
        assert parameter.description
        assert parameter.min is not None
        assert parameter.max is not None
    windows = [parameter for parameter in info.parameters if parameter.name == "window"]
    assert all((window.min, window.max) == (10, 10_000) for window in windows)


@pytest.mark.parametrize(
    ("alias", "algorithm"),
    [
        ("zscore_rolling", "rolling_zscore"),
        ("ema", "ewma"),
        ("isolation_forest_incremental", "windowed_isolation_forest"),
    ],
)
def test_other_names_are_understood(alias: str, algorithm: str) -> None:
    assert parse_online_config(alias).algorithm == algorithm


def test_other_names_of_parameters_are_understood() -> None:
    choice = {"algorithm": "zscore_rolling", "window_size": 40}
    assert parse_online_config(choice) == RollingZscoreConfig(window=40)


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ("value_gab", "unknown algorithm 'value_gab', did you mean 'value_gap'"),
        ("isolation_forest", "choose one of value_gap, rolling_zscore, "),
        (
            {"algorithm": "ewma", "alpha": 2},
            r"ewma: alpha must be a number from 0\.001 to 0\.9, got 2",
        ),
        ({"algorithm": "rrcf", "windw": 9}, "unknown parameter 'windw', did you mean 'window'"),
    ],
)
def test_a_bad_choice_is_refused_with_what_would_be_valid(choice: object, message: str) -> None:
    with pytest.raises(DetectorError, match=message):
        parse_online_config(choice)


def test_no_columns_are_refused() -> None:
    with pytest.raises(DetectorError, match="0 columns, choose at least 1"):
        build_online_detector("ewma", 0)


def test_a_threshold_is_that_of_the_algorithm_unless_chosen() -> None:
    assert build_online_detector("ewma", 1).threshold == 4.0
    assert build_online_detector("ewma", 1, threshold=0.0).threshold == 0.0


def test_choosing_imports_no_compiler() -> None:
    code = (
        "import sys\nfrom detectors.registry import online_algorithms, parse_online_config\n"
        "[parse_online_config(info.name) for info in online_algorithms()]\n"
        "print('numba' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert run.stdout.strip() == "False"


def test_the_form_draws_a_tab_for_every_algorithm() -> None:
    def stream(detector: OnlineConfig) -> None: ...

    schema = parameter_schema(stream).model_dump()
    members = schema["properties"]["detector"]["anyOf"]
    definitions = [schema["definitions"][each["$ref"].split("/")[-1]] for each in members]
    assert [each["properties"]["algorithm"]["default"] for each in definitions] == NAMES
    assert all(each["required"] == ["algorithm"] for each in definitions)


@pytest.mark.parametrize("info", online_algorithms(), ids=lambda info: info.name)
def test_the_page_gives_every_threshold_parameter_and_default(info) -> None:
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith(f"| `{info.name}` ")]
    _, _, _, threshold, parameters, _ = (cell.strip() for cell in lines[0].split("|"))
    assert threshold == f"{info.default_threshold:g}"
    assert parameters.split(", ") == [
        f"`{parameter.name}` {parameter.default}" for parameter in info.parameters
    ]
