"""A PostgreSQL that goes away while a batch runs: all comes out whole, or says why it did not."""

import tempfile
import threading
from pathlib import Path

import numpy as np
import pytest
from sqlmodel import func, select

from benchmarks.postgres_server import PostgresServer
from detectors.batch.statistical import StatisticalConfig
from flows.batch import batch
from models import postgres
from models.engine import make_engine
from models.errors import DatabaseUnavailableError
from models.queries.batches import list_batch_results, list_batches
from models.session import session_scope
from models.status import Status
from models.tables.anomaly import Anomaly
from models.tables.column_summary import ColumnSummary
from models.tables.fitted_detector import FittedDetector
from settings import get_settings
from tasks.database import open_engine
from tests.flows.failures import register
from tests.flows.waiting import wait_for

SOURCES = 8
ANOMALIES = 500


@pytest.fixture
def server():
    """A PostgreSQL of the test's own, which may be stopped."""
    with tempfile.TemporaryDirectory(prefix="vigil-postgres-") as folder:
        server = PostgresServer(Path(folder))
        server.start()
        yield server
        server.stop()


@pytest.fixture
def shops(prefect_server, server, vigil_home, tmp_path, http_server, monkeypatch):
    """Sources that answer one after the other, so that the batch is under way for a while."""
    monkeypatch.setenv("VIGIL_DATABASE_URL", server.url)
    get_settings.cache_clear()
    rows = np.random.default_rng(0).normal(size=(5_000, 3)).round(3).tolist()
    document = [dict(zip("abc", row, strict=True)) for row in rows]
    for number in range(SOURCES):
        http_server.answer(f"/shop-{number}", document, delay=0.5)
        register(f"shop-{number}", "http", url=f"{http_server.url}/shop-{number}")
    yield http_server
    make_engine(server.url).dispose()


def run_batch(**parameters):
    """Run the flow on a thread, and return the thread and where its state will be."""
    states = []

    def run():
        states.append(
            batch(
                detector=StatisticalConfig(),
                threshold={"method": "contamination", "share": ANOMALIES / 5_000},
                max_workers=2,
                source_reports=0,
                return_state=True,
                **parameters,
            )
        )

    thread = threading.Thread(target=run)
    thread.start()
    return thread, states


def results():
    with session_scope(open_engine(), writes=False) as session:
        return [
            result
            for found in list_batches(session).items
            for result in list_batch_results(session, found.id, limit=100).items
        ]


def rows_of(detection):
    """Return how many rows of each kind a detection has."""
    with session_scope(open_engine(), writes=False) as session:
        return tuple(
            session.exec(
                select(func.count()).select_from(table).where(table.detection_id == detection.id)
            ).one()
            for table in (Anomaly, ColumnSummary, FittedDetector)
        )


def succeeded():
    return [one for one in results() if one.status is Status.SUCCESS]


def test_a_database_that_restarts_again_and_again_costs_no_result(shops, server):
    thread, states = run_batch()
    for done in (1, 3, 5):
        wait_for(lambda done=done: len(succeeded()) >= done)
        server.stop()
        server.restart()
    thread.join(300)
    assert states[0].is_completed(), states[0].message
    found = results()
    assert [one.status for one in found] == [Status.SUCCESS] * SOURCES
    assert {one.anomaly_count for one in found} == {ANOMALIES}
    assert {rows_of(one) for one in found} == {(ANOMALIES, 3, 1)}


def test_a_database_that_stays_away_ends_the_run_and_what_is_missing_is_resumed(
    shops, server, monkeypatch
):
    monkeypatch.setattr(postgres, "RETURN_TIMEOUT_SECONDS", 0.2)
    monkeypatch.setenv("VIGIL_STALE_AFTER_SECONDS", "5")
    get_settings.cache_clear()
    thread, states = run_batch()
    wait_for(succeeded)
    server.stop()
    thread.join(300)
    assert states[0].is_failed()
    error = states[0].result(raise_on_failure=False)
    assert isinstance(error, DatabaseUnavailableError)
    assert "check VIGIL_DATABASE_URL, and that the database is there" in str(error)
    server.restart()
    left = results()
    assert {rows_of(one) for one in left if one.status is Status.SUCCESS} == {(ANOMALIES, 3, 1)}
    assert {rows_of(one) for one in left if one.status is not Status.SUCCESS} == {(0, 0, 0)}
    wait_for(lambda: resumed(left[0].batch_id))
    assert {rows_of(one) for one in results()} == {(ANOMALIES, 3, 1)}


def resumed(batch_id):
    """Whether the batch, whose flow run has been silent for long enough, was taken up again."""
    thread, states = run_batch(resume=batch_id)
    thread.join(300)
    return states[0].is_completed()
