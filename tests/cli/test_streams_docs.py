"""docs/streams.md does what it says."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main
from prefect.settings import get_current_settings

from cli.declared_file import load_declared_file
from cli.main import app
from cli.stream_definition import StreamDefinition
from tests.flows.waiting import wait_for

PAGE = (Path(__file__).parents[2] / "docs" / "streams.md").read_text()
SHELL = re.findall(r"```shell\n(.*?)```", PAGE, re.S)


@pytest.mark.parametrize("line", [line for block in SHELL for line in block.splitlines()])
def test_every_command_of_the_page_is_one(line):
    program, *words = shlex.split(line)
    assert program == "vigil"
    command = typer.main.get_command(app)
    while hasattr(command, "commands"):
        command, *words = command.commands[words[0]], *words[1:]
    assert command.make_context(line, words)


def test_its_file_can_be_applied_and_every_key_is_named(tmp_path):
    [block] = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)
    path = tmp_path / "sources.yaml"
    path.write_text(block)
    [stream] = load_declared_file(path).streams
    assert (stream.name, stream.cooldown) == ("cpu-load", 300)
    for name in StreamDefinition.model_fields:
        assert re.search(rf"\b{name}\b", PAGE), name


def test_its_first_stream_finds_what_is_odd(vigil, cpu, prefect_server):
    for line in SHELL[0].splitlines():
        words = shlex.split(line)[1:]
        if words[:2] == ["sources", "add"]:
            continue  # there is one of this name
        ran = vigil(*(word.replace("10m", "3s") for word in words))
        assert ran.code == 0, ran.err
    assert "400; 400 kept" in ran.out
    assert "load 95 (expected " in ran.out


def test_its_subscription_hears_of_an_alert(vigil, prefect_server, tmp_path):
    snippet, _ = re.findall(r"```python\n(.*?)```", PAGE, re.S)
    vigil("streams", "create", "edge", "-a", "rolling_zscore", "--no-learn-anomalies")
    rows = tmp_path / "points.jsonl"
    rows.write_text("\n".join(json.dumps({"cpu": i % 5, "memory": 7}) for i in range(200)))
    assert vigil("push", "edge", "--file", str(rows)).code == 0
    environment = os.environ | {"PREFECT_API_URL": str(get_current_settings().api.url)}
    heard = tmp_path / "heard"
    with heard.open("w") as out:
        listener = subprocess.Popen([sys.executable, "-c", snippet], env=environment, stdout=out)
    try:

        def push_and_listen():  # who comes late does not hear of what was before
            vigil("push", "edge", "--value", "cpu=900", "--value", "memory=7")
            # Among those of other tests that push to a stream of this name.
            return "edge row None 100.0 {'cpu': 900.0}\n" in heard.read_text()

        assert wait_for(push_and_listen)
    finally:
        listener.kill()
        listener.wait()
