"""What holds for every command."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = (
    "prefect",
    "pandas",
    "numpy",
    "sqlalchemy",
    "sqlmodel",
    "alembic",
    "sklearn",
    "pyod",
    "numba",
    "matplotlib",
    "httpx",
)
COMMANDS = (
    (),
    ("demo",),
    ("detect",),
    ("batch",),
    ("compare",),
    ("algorithms",),
    ("repair",),
    ("up",),
    ("sources",),
    ("sources", "apply"),
    ("sources", "add"),
    ("sources", "list"),
    ("sources", "show"),
    ("sources", "check"),
    ("sources", "remove"),
    ("detections",),
    ("detections", "list"),
    ("detections", "show"),
    ("detections", "latest"),
    ("detections", "delete"),
    ("batches",),
    ("batches", "list"),
    ("batches", "show"),
    ("batches", "results"),
    ("batches", "cancel"),
    ("batches", "repair"),
    ("batches", "delete"),
    ("comparisons",),
    ("comparisons", "list"),
    ("comparisons", "show"),
    ("comparisons", "records"),
    ("comparisons", "delete"),
    ("db",),
    ("db", "upgrade"),
    ("db", "status"),
)


def test_help_imports_nothing_heavy():
    script = f"""
import sys
from typer.testing import CliRunner
from cli.main import app
for command in {COMMANDS}:
    result = CliRunner().invoke(app, [*command, "--help"])
    assert result.exit_code == 0, result.output
print(sorted(set({HEAVY}) & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_says_what_every_option_means(vigil, command):
    told = vigil(*command, "--help")
    assert told.code == 0
    for line in told.out.splitlines():
        if line.startswith("  -"):
            assert line.split("  ")[-1].strip(), line


def test_the_version_is_that_of_the_package(vigil):
    assert vigil("--version").out == f"vigil {version('vigil')}\n"


def test_a_misused_command_ends_with_2(vigil):
    wrong = vigil("detections", "list", "--limit", "0")
    assert wrong.code == 2
    assert "--limit" in wrong.err


def test_an_expected_error_is_one_line_without_a_trace(vigil):
    wrong = vigil("sources", "show", "nope")
    assert wrong.code == 1
    assert wrong.out == ""
    assert wrong.err.startswith("vigil: no source is named 'nope'")
    assert len(wrong.err.splitlines()) == 1


def test_a_wrong_setting_is_named(vigil, monkeypatch):
    monkeypatch.setenv("VIGIL_MAX_WORKERS", "many")
    monkeypatch.setenv("VIGIL_READ_RETRIES", "99")
    wrong = vigil("sources", "list")
    assert wrong.code == 1
    assert "VIGIL_MAX_WORKERS: " in wrong.err
    assert "VIGIL_READ_RETRIES: " in wrong.err
    assert "correct or unset" in wrong.err


def test_the_password_of_the_database_is_never_shown(vigil, monkeypatch):
    address = "postgresql://vigil:hunter2@127.0.0.1:9/vigil"
    monkeypatch.setenv("VIGIL_DATABASE_URL", address)
    for command in (("sources", "list"), ("db", "status"), ("db", "upgrade")):
        wrong = vigil(*command)
        assert wrong.code == 1
        assert "127.0.0.1:9" in wrong.err
        assert "hunter2" not in wrong.out + wrong.err


def test_names_of_choices_are_those_of_the_packages_they_stand_for():
    from typing import get_args

    from cli.options import LevelName, MissingName, StatusName
    from detectors.features import MissingPolicy
    from models.agreement_level import AgreementLevel
    from models.status import Status

    assert get_args(LevelName) == tuple(level.value for level in AgreementLevel)
    assert get_args(StatusName) == tuple(status.value for status in Status)
    assert get_args(MissingName) == get_args(MissingPolicy)
