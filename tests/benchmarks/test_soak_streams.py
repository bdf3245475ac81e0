"""Short versions of what ``make soak`` runs in full."""

import tempfile
from functools import partial
from pathlib import Path

import pytest
from prefect.settings import get_current_settings

from benchmarks.many_streams import run_many_streams
from benchmarks.postgres_server import PostgresServer
from benchmarks.soak_streams import (
    cut_off,
    kill_again_and_again,
    locked_sqlite,
    run_twice_at_once,
    stopped_postgres,
)

pytestmark = pytest.mark.usefixtures("prefect_server", "vigil_home")


@pytest.fixture(autouse=True)
def server_address(prefect_server, monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", str(get_current_settings().api.url))


@pytest.fixture
def postgres():
    with tempfile.TemporaryDirectory(prefix="vigil-postgres-") as folder:
        server = PostgresServer(Path(folder))
        server.start()
        yield server
        server.stop()


def test_a_stream_that_is_killed_ends_as_one_that_is_not(tmp_path):
    url = f"sqlite:///{tmp_path / 'killed.db'}"
    done = kill_again_and_again(tmp_path, url, 6000, 2)
    assert done.differences == []
    assert done.alerts > 0


def test_a_postgres_that_fails_and_comes_back_loses_and_repeats_nothing(tmp_path, postgres):
    outage = partial(stopped_postgres, postgres, 3.0)
    done = cut_off(tmp_path, postgres.url, 6000, outage, 1)
    assert done.differences == []
    assert done.alerts > 0


def test_a_database_that_is_locked_for_a_while_loses_and_repeats_nothing(tmp_path):
    path = tmp_path / "locked.db"
    done = cut_off(tmp_path, f"sqlite:///{path}", 6000, partial(locked_sqlite, path, 2.0), 1)
    assert done.differences == []


def test_two_runs_at_once_share_the_streams(tmp_path):
    done = run_twice_at_once(tmp_path, f"sqlite:///{tmp_path / 'shared.db'}", 6000, 3)
    assert done.differences == []


def test_many_streams_leave_little_in_prefects_database(tmp_path):
    done = run_many_streams(tmp_path, 12, 8)
    assert done.rows == done.expected > 0
    assert done.growth < 600_000
