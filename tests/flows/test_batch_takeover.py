"""A batch is taken over from a flow run that died, and not from one that lives."""

import threading
from uuid import uuid4

import pandas as pd
import pytest
from sqlmodel import col, select, update

from detectors.batch.statistical import StatisticalConfig
from flows.batch import batch
from models.queries.batches import get_batch, list_batch_results
from models.session import session_scope
from models.status import Status
from models.tables.batch import Batch
from settings import get_settings
from tasks.database import open_engine
from tests.flows.failures import register
from tests.flows.waiting import wait_for

pytestmark = pytest.mark.usefixtures("prefect_server", "vigil_home")

NOTHING = "nothing to take over: the log says why"


@pytest.fixture
def patience(monkeypatch):
    """The shortest that settings allow."""
    monkeypatch.setenv("VIGIL_STALE_AFTER_SECONDS", "5")
    get_settings.cache_clear()


def only_batch() -> Batch | None:
    with session_scope(open_engine(), writes=False) as session:
        return session.exec(select(Batch)).one_or_none()


def test_just_what_is_missing_is_run_once(tmp_path, patience, caplog):
    for name in ("berlin", "munich"):
        register(name, "csv", path=str(tmp_path / f"{name}.csv"))
    frame = pd.DataFrame({"a": range(50), "b": [1.0, 2.0] * 25})
    frame.to_csv(tmp_path / "berlin.csv", index=False)
    batch_id = batch(detector=StatisticalConfig())
    died = only_batch().flow_run_id
    frame.to_csv(tmp_path / "munich.csv", index=False)

    assert batch(take_over=died) == batch_id
    with session_scope(open_engine(), writes=False) as session:
        found = get_batch(session, batch_id)
        done = {one.source_name: one for one in list_batch_results(session, batch_id).items}
    assert found.status is Status.SUCCESS
    assert found.flow_run_id == done["munich"].flow_run_id != died
    assert done["berlin"].flow_run_id == died

    again = batch(take_over=died, return_state=True)
    assert (again.is_completed(), again.message) == (True, NOTHING)
    assert f"flow run {died} works on no batch" in caplog.text


def test_a_batch_that_lives_is_left_to_its_flow_run_until_that_has_lost_it(
    http_server, patience, caplog
):
    register("slow", "http", url=f"{http_server.url}/rows")
    http_server.answer("/rows", [{"a": 1}], delay=60)
    states = []
    running = threading.Thread(
        target=lambda: states.append(batch(detector=StatisticalConfig(), return_state=True))
    )
    running.start()
    wait_for(lambda: http_server.requests)
    alive = only_batch()
    assert batch(take_over=alive.flow_run_id, return_state=True).message == NOTHING
    assert f"batch {alive.id} is running and gave a sign of life" in caplog.text

    taker = uuid4()
    with session_scope(open_engine()) as session:
        session.execute(update(Batch).where(col(Batch.id) == alive.id).values(flow_run_id=taker))
    running.join(300)
    [state] = states
    assert state.is_failed()
    assert f"is worked on by flow run {taker} now" in state.message
    assert only_batch().status is Status.RUNNING
