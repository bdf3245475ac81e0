import os
import sys

import pytest

from cli.home import command_line


def test_a_home_holds_the_database_whatever_the_environment_says(vigil, tmp_path, monkeypatch):
    monkeypatch.setenv("VIGIL_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    told = vigil("--home", str(tmp_path / "mine"), "db", "upgrade")
    assert told.code == 0, told.err
    assert (tmp_path / "mine" / "vigil.db").exists()


def test_a_home_holds_what_prefect_keeps_whatever_the_environment_says(vigil, tmp_path):
    os.environ["PREFECT_API_URL"] = "http://127.0.0.1:9/api"
    vigil("--home", str(tmp_path), "sources", "list")
    assert os.environ["PREFECT_HOME"] == str(tmp_path / "prefect")
    assert "PREFECT_API_URL" not in os.environ


def test_commands_to_paste_keep_the_home(vigil, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = vigil("--home", "my folder", "sources", "list")
    assert "vigil --home 'my folder' sources add" in told.out


@pytest.mark.parametrize(
    ("called", "expected"),
    [
        ("/checkout/.venv/bin/vigil", ".venv/bin/vigil algorithms"),
        ("/elsewhere/bin/vigil", "/elsewhere/bin/vigil algorithms"),
        (".venv/bin/vigil", ".venv/bin/vigil algorithms"),
        ("/usr/lib/python3/pytest", "vigil algorithms"),
    ],
)
def test_commands_to_paste_name_the_program_as_it_was_called(
    monkeypatch, tmp_path, called, expected
):
    monkeypatch.setattr(sys, "argv", [called.replace("/checkout", str(tmp_path))])
    monkeypatch.setenv("PATH", "")
    monkeypatch.chdir(tmp_path)
    assert command_line("algorithms") == expected


def test_a_program_on_the_path_is_named_alone(monkeypatch, tmp_path):
    program = tmp_path / "vigil"
    program.touch(mode=0o755)
    monkeypatch.setattr(sys, "argv", [str(program)])
    monkeypatch.setenv("PATH", str(tmp_path))
    assert command_line("algorithms") == "vigil algorithms"
