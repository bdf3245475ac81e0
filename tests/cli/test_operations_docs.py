"""docs/operations.md names commands, options and settings that exist."""

import re
from pathlib import Path

import pytest
from prefect.settings import Settings
from typer.main import get_command

from cli.main import app

DOCS = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
COMMANDS = sorted(set(re.findall(r"^vigil .+$", DOCS, re.M) + re.findall(r"`(vigil .+?)`", DOCS)))


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_in_it_exists_with_its_options(line):
    command, words = get_command(app), line.split()[1:]
    while hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    options = {option for parameter in command.params for option in parameter.opts}
    options |= {option for parameter in command.params for option in parameter.secondary_opts}
    assert {word for word in words if word.startswith("--")} <= options


def test_the_backup_in_it_is_python(tmp_path, vigil, monkeypatch):
    [block] = re.findall(r"```python\n(.*?)```", DOCS, re.S)
    home = tmp_path / ".vigil"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert vigil("--home", str(home), "db", "upgrade").code == 0
    exec(compile(block, "operations.md", "exec"), {})
    assert (tmp_path / "vigil-backup.db").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("name", "value"), re.findall(r"^PREFECT_(SERVER_(?:SERVICES|EVENTS)\w+)=(\S+)$", DOCS, re.M)
)
def test_a_setting_of_prefect_in_it_changes_something(name, value, monkeypatch):
    before = Settings()
    monkeypatch.setenv(f"PREFECT_{name}", value)
    assert Settings() != before
