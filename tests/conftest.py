"""What tests of several packages need: one Prefect server, and a home folder a test."""

import os

# Before Prefect is imported: it reads them once.
os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"

from collections.abc import Iterator
from pathlib import Path

import pytest

from settings import get_settings


@pytest.fixture(scope="session")
def prefect_server() -> Iterator[None]:
    """Run flows against one real Prefect server, with a database of its own."""
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture
def vigil_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give Vigil a home folder, and so a database, of the test's own."""
    home = tmp_path / "vigil"
    monkeypatch.setenv("VIGIL_HOME", str(home))
    monkeypatch.delenv("VIGIL_DATABASE_URL", raising=False)
    get_settings.cache_clear()
    yield home
    get_settings.cache_clear()
