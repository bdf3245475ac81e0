from datetime import timedelta
from uuid import uuid4

import pytest

from models.queries.batches import create_batch
from models.queries.cancellation import cancel_unfinished
from models.queries.comparisons import create_comparison
from models.queries.runs import create_detections, fail_detection, start_detection
from models.session import session_scope
from models.status import Status
from tests.models.examples import NOW, batch_request, comparison_request, request_for

LATER = NOW + timedelta(seconds=2.5)
FLOW_RUN = uuid4()


@pytest.fixture
def session(engine):
    with session_scope(engine) as session:
        yield session


def test_cancelling_a_flow_run_ends_only_what_it_left_unfinished(session, source):
    requests = [request_for(source, flow_run_id=FLOW_RUN)] * 3 + [request_for(source)]
    detections = create_detections(session, requests, NOW)
    pending, started, failed, other = detections
    start_detection(session, started.id, NOW)
    fail_detection(session, failed.id, "SourceError", "gone", NOW)
    cancelled = cancel_unfinished(session, FLOW_RUN, LATER)
    assert {detection.id for detection in cancelled} == {pending.id, started.id}
    assert [detection.status for detection in detections] == [
        Status.CANCELLED,
        Status.CANCELLED,
        Status.ERROR,
        Status.PENDING,
    ]
    assert started.duration_ms == 2500
    assert cancel_unfinished(session, FLOW_RUN, LATER) == []
    assert other.completed_at is None


def test_the_batch_or_comparison_of_the_flow_run_is_cancelled_too(session, source):
    requests = [request_for(source, flow_run_id=FLOW_RUN, label="forest")]
    batch, of_batch = create_batch(session, batch_request(flow_run_id=FLOW_RUN), requests, NOW)
    comparison, of_comparison = create_comparison(
        session, comparison_request(source, flow_run_id=FLOW_RUN), requests, NOW
    )
    runs = [batch, comparison, *of_batch, *of_comparison]
    assert set(map(id, cancel_unfinished(session, FLOW_RUN, LATER))) == set(map(id, runs))
    assert {run.status for run in runs} == {Status.CANCELLED}
