import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from prefect.utilities.callables import parameter_schema

from detectors.batch.isolation_forest import IsolationForest, IsolationForestConfig
from detectors.batch.lof import LofConfig
from detectors.errors import DetectorError
from detectors.registry import BatchConfig, algorithms, build_detector, parse_config

NAMES = [info.name for info in algorithms()]
PAGE = Path(__file__).parents[2] / "docs" / "detectors.md"
HEAVY = ("numba", "pyod", "scipy", "shap", "sklearn")


def run_python(code: str) -> str:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_all_algorithms_of_the_design_are_there_and_isolation_forest_comes_first() -> None:
    assert NAMES[0] == "isolation_forest"
    assert set(NAMES) == {
        *("isolation_forest", "lof", "knn", "one_class_svm", "dbscan", "statistical"),
        *("autoencoder", "ecod", "copod", "hbos", "pca", "cblof", "inne", "gmm", "mcd"),
        "consensus",
    }
    assert len(NAMES) == len(set(NAMES))


def test_importing_the_registry_imports_no_algorithm() -> None:
    loaded = run_python(
        "import sys, detectors.registry\n"
        "configs = [detectors.registry.build_detector(a.name) for a in "
        "detectors.registry.algorithms()]\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    assert loaded.strip() == "[]"


@pytest.mark.parametrize(
    ("algorithm", "needed"),
    [
        ("ecod", set()),
        ("pca", set()),
        ("knn", {"numba", "scipy"}),
        ("one_class_svm", {"scipy", "sklearn"}),
    ],
)
def test_a_detector_imports_only_what_it_needs(algorithm: str, needed: set[str]) -> None:
    loaded = run_python(
        "import sys\nimport numpy as np\nfrom detectors.registry import build_detector\n"
        f"build_detector({algorithm!r}).fit(np.random.default_rng(0).normal(size=(30, 2)))\n"
        f"print(*[name for name in {HEAVY} if name in sys.modules])"
    )
    assert set(loaded.split()) == needed


def test_a_name_gives_the_defaults() -> None:
    assert parse_config("isolation_forest") == IsolationForestConfig()


def test_a_mapping_gives_its_parameters() -> None:
    choice = {"algorithm": "isolation_forest", "n_estimators": 40}
    assert parse_config(choice) == IsolationForestConfig(n_estimators=40)


def test_a_config_is_returned_as_it_is() -> None:
    config = LofConfig(n_neighbors=7)
    assert parse_config(config) is config


def test_text_from_a_command_line_becomes_a_number() -> None:
    assert parse_config({"algorithm": "lof", "n_neighbors": "50"}) == LofConfig(n_neighbors=50)


@pytest.mark.parametrize("algorithm", NAMES)
def test_a_config_survives_a_round_trip_through_json(algorithm: str) -> None:
    config = parse_config(algorithm)
    assert parse_config(json.loads(json.dumps(config.model_dump(mode="json")))) == config


def test_a_detector_is_built_with_parameters_and_seed() -> None:
    detector = build_detector({"algorithm": "isolation_forest", "n_estimators": 9}, seed=5)
    assert isinstance(detector, IsolationForest)
    assert (detector.n_estimators, detector.seed) == (9, 5)
    assert not hasattr(detector, "decision_scores_")


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ("isolationforest", "unknown algorithm 'isolationforest', did you mean 'isolation_forest'"),
        ("loda", "choose one of isolation_forest, consensus, "),
        ({"n_estimators": 3}, "no algorithm named: choose one of isolation_forest"),
        ({"algorithm": ["lof"]}, "unknown algorithm"),
        (
            {"algorithm": "lof", "n_neighbors": 0},
            "lof: n_neighbors must be a whole number from 1 to 1000, got 0",
        ),
        (
            {"algorithm": "lof", "n_neighbors": "many"},
            "lof: n_neighbors must be a whole number from 1 to 1000, got 'many'",
        ),
        (
            {"algorithm": "hbos", "floor": float("nan")},
            "hbos: floor must be a number, above 0, at most 1, got nan",
        ),
        (
            {"algorithm": "knn", "method": "median"},
            "knn: method must be one of largest, mean, got 'median'",
        ),
        (
            {"algorithm": "lof", "n_neighbours": 5},
            "unknown parameter 'n_neighbours', did you mean 'n_neighbors'?",
        ),
        ({"algorithm": "ecod", "alpha": 1}, "unknown parameter 'alpha': there are no parameters"),
        (
            {"algorithm": "gmm", "n_components": 0, "reg_covar": -1},
            "n_components must be a whole number from 1 to 100, got 0; reg_covar must be",
        ),
    ],
)
def test_a_bad_choice_is_refused_in_one_line_that_says_what_is_valid(
    choice: Any, message: str
) -> None:
    with pytest.raises(DetectorError) as refused:
        build_detector(choice)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("info", algorithms(), ids=lambda info: info.name)
def test_a_person_can_choose_by_what_the_catalogue_says(info: Any) -> None:
    texts = [info.display_name, info.description, info.category, info.best_for]
    assert all(texts)
    assert all(info.pros)
    assert all(info.cons)
    for parameter in info.parameters:
        assert parameter.label
        assert parameter.description.endswith(".")
        assert parameter.options or parameter.min is not None
    json.dumps(asdict(info))


@pytest.mark.parametrize("info", algorithms(), ids=lambda info: info.name)
def test_the_bounds_in_the_catalogue_are_the_ones_that_hold(info: Any) -> None:
    for parameter in info.parameters:
        if parameter.max is not None:
            parse_config({"algorithm": info.name, parameter.name: parameter.max})
            with pytest.raises(DetectorError, match=parameter.name):
                parse_config({"algorithm": info.name, parameter.name: parameter.max + 1})
        if parameter.min is not None:
            with pytest.raises(DetectorError, match=parameter.name):
                parse_config({"algorithm": info.name, parameter.name: parameter.min - 1})
        for option in parameter.options:
            parse_config({"algorithm": info.name, parameter.name: option})


def test_a_parameter_is_described_as_its_field_is() -> None:
    (lof,) = [info for info in algorithms() if info.name == "lof"]
    (parameter,) = lof.parameters
    assert parameter.name == "n_neighbors"
    assert parameter.label == "Number of neighbors"
    assert (parameter.type, parameter.default) == ("integer", 20)
    assert (parameter.min, parameter.max, parameter.options) == (1, 1000, ())


@pytest.mark.parametrize("info", algorithms(), ids=lambda info: info.name)
def test_the_page_on_detectors_gives_every_parameter_and_its_default(info: Any) -> None:
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith(f"| `{info.name}` ")]
    parameters = lines[0].split("|")[3].strip()
    described = parameters.split(", ") if info.parameters else []
    assert parameters == "none" or len(described) == len(info.parameters)
    for text, parameter in zip(described, info.parameters, strict=True):
        name, default = text.split(" ", 1)
        assert name == f"`{parameter.name}`"
        assert parameter.default is None or default == f"{parameter.default}"


def test_a_flow_shows_one_titled_form_per_algorithm() -> None:
    def flow(detector: BatchConfig) -> None:
        """Take a detector."""

    schema = parameter_schema(flow).model_dump_for_openapi()
    choice = schema["properties"]["detector"]
    assert choice["required"] == ["algorithm"]
    forms = [schema["definitions"][form["$ref"].rsplit("/")[-1]] for form in choice["anyOf"]]
    assert [form["description"] for form in forms] == [
        f"{info.display_name}: best for {info.best_for}." for info in algorithms()
    ]
    [_, *rules] = choice["dependentSchemas"]["algorithm"]["allOf"]
    assert [rule["then"]["additionalProperties"] for rule in rules] == [False] * len(NAMES)
    assert all("algorithm" in form["required"] for form in forms)
    assert [form["properties"]["algorithm"]["const"] for form in forms] == NAMES
    # As many tabs as fit a screen 1,440 pixels wide.
    assert sum(len(form["title"]) for form in forms) < 110


def test_scores_come_from_the_parameters_given() -> None:
    X = np.random.default_rng(0).normal(size=(80, 3))
    near, far = (
        build_detector({"algorithm": "knn", "n_neighbors": k}).fit(X).decision_scores_
        for k in (1, 40)
    )
    assert (near < far).all()
