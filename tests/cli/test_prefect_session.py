import os
from unittest.mock import patch

import pytest

from cli.prefect_session import prepare_prefect

CONSOLE = "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL"


@pytest.fixture
def environment(tmp_path):
    with patch.dict(os.environ, {"PREFECT_HOME": str(tmp_path / "prefect")}):
        os.environ.pop(CONSOLE, None)
        os.environ.pop("PREFECT_SERVER_ANALYTICS_ENABLED", None)
        yield os.environ


def test_prefect_writes_its_log_only_when_asked_to(environment):
    prepare_prefect(verbose=True)
    assert CONSOLE not in environment
    prepare_prefect()
    assert environment[CONSOLE] == "CRITICAL"


def test_prefect_reports_no_usage_unless_its_user_said_so(environment):
    prepare_prefect()
    assert environment["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    environment["PREFECT_SERVER_ANALYTICS_ENABLED"] = "true"
    prepare_prefect()
    assert environment["PREFECT_SERVER_ANALYTICS_ENABLED"] == "true"


def test_the_folder_of_prefect_is_made_with_those_above_it(environment, tmp_path):
    environment["PREFECT_HOME"] = str(tmp_path / "not" / "there" / "yet")
    prepare_prefect()
    assert (tmp_path / "not" / "there" / "yet").is_dir()
