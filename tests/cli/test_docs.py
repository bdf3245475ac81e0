"""docs/cli.md says what the commands do."""

import json
import re
from pathlib import Path

import pytest
import typer.main

from cli import (
    alert_shapes,
    backtest_view,
    batch_shapes,
    comparison_shapes,
    explanation_shapes,
    history_shapes,
    shapes,
    stream_shapes,
)
from cli.declared_file import load_declared_file
from cli.main import app

DOCS = (Path(__file__).parents[2] / "docs" / "cli.md").read_text()
MODULES = (
    shapes,
    batch_shapes,
    comparison_shapes,
    explanation_shapes,
    history_shapes,
    stream_shapes,
    alert_shapes,
    backtest_view,
)
SECTIONS = dict(re.findall(r"^### `vigil (.*?)`\n(.*?)(?=^##|\Z)", DOCS, re.M | re.S))


def commands(group=None, before=""):
    group = group or typer.main.get_command(app)
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


@pytest.mark.parametrize(("name", "command"), list(commands()), ids=lambda value: str(value))
def test_every_command_is_described_with_all_its_options(name, command):
    [section] = [
        body
        for heading, body in SECTIONS.items()
        if re.fullmatch(rf"{name}( [A-Z.\[\]]+)*", heading)
    ]
    for parameter in command.params:
        if parameter.param_type_name == "option":
            [*_, option] = parameter.opts
            assert option in section or option == "--help", option


def test_no_command_is_described_that_does_not_exist():
    names = {name for name, _ in commands()}
    assert {re.sub(r"( [A-Z.\[\]]+)+$", "", heading) for heading in SECTIONS} == names


@pytest.mark.parametrize(
    "shape",
    [
        value
        for module in MODULES
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, shapes.Shape)
    ],
    ids=lambda shape: shape.__name__,
)
def test_every_name_in_json_is_described(shape):
    for name in shape.model_fields:
        assert f'"{name}"' in DOCS or f"`{name}`" in DOCS, name


def test_the_json_in_it_is_json():
    blocks = re.findall(r"```json\n(.*?)```", DOCS, re.S)
    assert len(blocks) >= 6
    for block in blocks:
        json.loads(block)


def test_the_file_of_sources_in_it_can_be_applied(tmp_path):
    [block] = re.findall(r"```yaml\n(.*?)```", DOCS, re.S)
    path = tmp_path / "sources.yaml"
    path.write_text(block)
    declared = load_declared_file(path)
    assert [source.name for source in declared.sources] == ["orders", "payments"]
    assert [stream.name for stream in declared.streams] == ["payments-live"]
