"""Malformed YAML and parameters end in what they say, or in a named error."""

import warnings
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from prefect.exceptions import (
    ParameterBindError,
    ParameterTypeError,
    SignatureMismatchError,
)
from pydantic import TypeAdapter, ValidationError

from cli.group import CommandError
from cli.values import read_values
from detectors.batch.isolation_forest import IsolationForestConfig
from detectors.errors import DetectorError
from detectors.registry import algorithms, parse_config
from detectors.threshold import ThresholdPolicy
from flows.batch import batch
from flows.compare import compare
from flows.detect import detect
from flows.explain import explain
from sources.definition import load_sources_file, parse_source_definition
from sources.errors import SourceError
from tests.fuzz.mutations import fuzzed, json_values, misconfigured, mutated

YAML = [
    b"""\
# what is watched
sources:
  - name: orders
    kind: csv
    path: data/orders.csv
    key_columns: [id]
    tags: [shop, "nightly"]
  - name: tickets
    kind: http
    url: https://api.example.com/v1
    params: {limit: 100, api_key: "{env:TICKETS_KEY}"}
    headers: {Authorization: "Bearer {secret:tickets}"}
""",
    b"""\
sources:
  - &base
    name: a
    kind: sql
    url: sqlite:///x.db
    table: t
    description: >
      two
      lines
  - <<: *base
    name: b
    cursor_column: at
""",
    b'{"sources": [{"name": "x", "kind": "jsonl", "path": "x.jsonl"}]}',
]


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("fuzz") / "sources.yaml"


@fuzzed(500)
@given(content=mutated(YAML))
def test_yaml(path, content):
    path.write_bytes(content)
    try:
        definitions = load_sources_file(path)
    except SourceError as raised:
        error = str(raised)
        definitions = None
    if definitions is None:
        assert str(path) in error
        return
    assert len(definitions) == len(yaml.safe_load(content)["sources"])


SOURCES = [
    {"name": "a", "kind": "csv", "path": "a.csv", "delimiter": ";", "null_values": ["-"]},
    {"name": "b", "kind": "json", "path": "b.json", "records": "data.items"},
    {"name": "c", "kind": "sql", "url": "postgresql://u:{env:P}@h/d", "table": "s.t"},
    {"name": "d", "kind": "sql", "url": "sqlite:///d.db", "query": "SELECT 1 AS a"},
    {"name": "e", "kind": "http", "url": "http://h/x", "params": {"a": 1}, "max_pages": 3},
    {"name": "f", "kind": "parquet", "path": "s3://b/f", "storage_options": {"anon": True}},
    {"name": "g", "kind": "jsonl", "path": "g", "columns": ["x"], "label_column": "y"},
]


@fuzzed(400)
@given(fields=misconfigured(SOURCES))
def test_sources(fields):
    try:
        definition = parse_source_definition(fields, Path("/data"))
    except SourceError:
        return
    assert definition.name == fields["name"]
    assert definition.config.kind == fields["kind"]


DETECTORS: list[dict[str, object]] = [
    {"algorithm": info.name, **{p.name: p.default for p in info.parameters}}
    for info in algorithms()
]


@fuzzed(300)
@given(choice=misconfigured(DETECTORS))
def test_detectors(choice):
    try:
        config = parse_config(choice)
    except DetectorError:
        return
    assert config.algorithm == choice["algorithm"]


@fuzzed(150)
@given(
    policy=misconfigured(
        [
            {"method": "false_alarm", "rate": 0.01},
            {"method": "contamination", "share": 0.1},
            {"method": "fixed", "value": 1.5},
        ]
    )
)
def test_thresholds(policy):
    try:
        parsed = TypeAdapter(ThresholdPolicy).validate_python(policy)
    except ValidationError:
        return
    assert parsed.method == policy["method"]


PARAMETERS: list[dict[str, object]] = [
    {"source": "a", "detector": {"algorithm": "knn", "n_neighbors": 3}, "seed": 1},
    {"source": "a", "threshold": {"method": "false_alarm", "rate": 0.1}, "columns": ["x"]},
    {"source": "a", "detectors": [{"algorithm": "lof"}, {"algorithm": "hbos"}]},
    {"detection": "7f3c2a9e", "rows": [1, 2], "top": 3, "refresh": True},
    {"sources": ["a"], "tags": ["b"], "max_workers": 3, "missing": "error"},
]


@pytest.mark.parametrize("flow", [detect, batch, compare, explain], ids=lambda flow: flow.name)
@fuzzed(100)
@given(parameters=misconfigured(PARAMETERS))
def test_parameters_of_flows(flow, parameters):
    try:
        flow.validate_parameters(parameters)
    except (ParameterTypeError, ParameterBindError, SignatureMismatchError):
        return


@fuzzed(200)
@given(st.lists(st.one_of(st.text(max_size=12), st.builds("n_estimators={}".format, json_values))))
def test_assignments_of_the_command_line(assignments):
    with warnings.catch_warnings():
        try:
            values = read_values(assignments, IsolationForestConfig.model_fields)
            parse_config({**values, "algorithm": "isolation_forest"})
        except (CommandError, DetectorError):
            return
