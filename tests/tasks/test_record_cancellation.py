from uuid import uuid4

import pytest
from sqlalchemy import event, text

from detectors.batch.isolation_forest import IsolationForestConfig
from detectors.threshold import FalseAlarm
from models.queries.detections import get_detection
from models.queries.runs import create_detections
from models.queries.sources import add_source
from models.session import session_scope
from models.status import Status
from models.tables.source import SourceDefinition
from tasks.database import open_engine, utc_now
from tasks.detection_request import DetectionRequest
from tasks.record_cancellation import cancellation_recorded


@pytest.fixture
def detection_id(vigil_home, monkeypatch):
    """A pending detection of the flow run that this seems to be."""
    flow_run_id = uuid4()
    monkeypatch.setenv("PREFECT__RUNTIME__FLOW_RUN__ID", str(flow_run_id))
    request = DetectionRequest(
        detector=IsolationForestConfig(),
        threshold=FalseAlarm(),
        columns=None,
        sample_size=None,
        missing="impute",
        seed=0,
    )
    with session_scope(open_engine()) as session:
        definition = SourceDefinition(name="orders", kind="csv", config={"path": "orders.csv"})
        source = add_source(session, definition, utc_now())
        stored = request.stored(source.id, flow_run_id)
        return create_detections(session, [stored], utc_now())[0].id


def status_of(detection_id):
    with session_scope(open_engine(), writes=False) as session:
        return get_detection(session, detection_id).status


def test_an_interruption_ends_what_the_flow_run_left_as_cancelled(detection_id):
    with pytest.raises(KeyboardInterrupt), cancellation_recorded():
        raise KeyboardInterrupt
    assert status_of(detection_id) is Status.CANCELLED


def test_an_error_is_for_whoever_raised_it_to_keep(detection_id):
    with pytest.raises(ValueError, match="mine"), cancellation_recorded():
        raise ValueError("mine")
    assert status_of(detection_id) is Status.PENDING


def test_an_interruption_in_the_middle_of_a_transaction_leaves_no_lock_behind(detection_id):
    def execute_and_interrupt(cursor, statement, parameters, context):
        if statement == "SELECT 1":
            cursor.execute(statement)
            raise KeyboardInterrupt

    event.listen(open_engine(), "do_execute", execute_and_interrupt)
    with (
        pytest.raises(KeyboardInterrupt),
        cancellation_recorded(),
        session_scope(open_engine()) as session,
    ):
        session.execute(text("SELECT 1"))
    assert status_of(detection_id) is Status.CANCELLED
