from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, func
from sqlmodel import select

from models.errors import AmbiguousIdError, UnknownBatchError, UnknownSourceError
from models.metadata import TABLES
from models.queries.batches import (
    create_batch,
    delete_batch,
    find_batch_of_flow_run,
    get_batch,
    list_batch_results,
    list_batches,
    list_notable_results,
)
from models.queries.runs import fail_detection, finish_detection, start_detection
from models.queries.sources import add_source, delete_source
from models.session import session_scope
from models.status import Status
from models.tables.batch import Batch
from tests.models.examples import NOW, batch_request, definition, request_for, result

FIRST = UUID("bbbb1111-0000-4000-8000-000000000000")
SECOND = UUID("bbbb2222-0000-4000-8000-000000000000")


@pytest.fixture
def session(engine):
    with session_scope(engine) as session:
        yield session


@pytest.fixture
def sources(session):
    return [add_source(session, definition(name), NOW) for name in ("b", "c", "a")]


@pytest.fixture
def batch(session, sources):
    return create_batch(session, batch_request(), [request_for(each) for each in sources], NOW)[0]


def test_a_batch_is_created_pending_with_a_pending_detection_a_source(session, sources):
    asked = batch_request(
        name="nightly", columns=["amount"], sample_size=100, source_timeout_seconds=0.5
    )
    requests = [request_for(each, columns=["amount"], sample_size=100) for each in sources]
    batch, detections = create_batch(session, asked, requests, NOW)
    session.expire_all()
    assert {name: getattr(batch, name) for name in vars(asked)} == vars(asked)
    assert (batch.status, batch.total_sources, batch.created_at) == (Status.PENDING, 3, NOW)
    assert [detection.source_name for detection in detections] == ["b", "c", "a"]
    assert {(each.batch_id, each.status) for each in detections} == {(batch.id, Status.PENDING)}


def test_creating_a_batch_takes_the_same_few_statements_for_any_number_of_sources(engine):
    statements = []
    with session_scope(engine) as session:
        sources = [add_source(session, definition(f"s{n:03}"), NOW) for n in range(300)]
        requests = [request_for(source) for source in sources]
        session.flush()
        session.expire_all()
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", lambda *args: statements.append(args[2]))
        _, detections = create_batch(session, batch_request(), requests, NOW)
    assert len(detections) == 300
    assert len(statements) == 3


def test_a_batch_of_nothing_is_refused(session):
    with pytest.raises(ValueError, match="at least one source"):
        create_batch(session, batch_request(), [], NOW)


def test_a_batch_with_an_unknown_source_creates_nothing(engine, source):
    with session_scope(engine) as session:
        delete_source(session, source.name)
    with pytest.raises(UnknownSourceError), session_scope(engine) as session:
        create_batch(session, batch_request(), [request_for(source)], NOW)
    with session_scope(engine, writes=False) as session:
        assert list_batches(session).total == 0


def test_a_batch_is_found_by_its_first_digits_unless_they_fit_another(session):
    for batch_id in (FIRST, SECOND):
        session.add(Batch(**vars(batch_request()), id=batch_id, total_sources=1, created_at=NOW))
    assert get_batch(session, "bbbb-1").id == FIRST
    with pytest.raises(AmbiguousIdError, match=f"more than one batch starts with .*{FIRST}"):
        get_batch(session, "bbbb")
    with pytest.raises(UnknownBatchError, match="`vigil batches list`"):
        get_batch(session, "bbbb3")
    with pytest.raises(UnknownBatchError, match="'nightly' is no batch"):
        get_batch(session, "nightly")


def test_batches_are_listed_latest_first_by_status_with_the_true_total(session, source):
    first, third, second = (
        create_batch(session, batch_request(), [request_for(source)], NOW + timedelta(seconds=at))
        for at in (1, 3, 2)
    )
    page = list_batches(session, limit=2)
    assert [batch.id for batch in page.items] == [third[0].id, second[0].id]
    assert page.total == 3
    assert list_batches(session, offset=2, limit=2).items == [first[0]]
    assert list_batches(session, status=Status.RUNNING).total == 0
    assert list_batches(session, status=Status.PENDING).total == 3


def test_results_are_listed_by_source_name_and_status_with_the_true_total(session, batch, sources):
    create_batch(session, batch_request(), [request_for(sources[0])], NOW)
    page = list_batch_results(session, batch.id, limit=2)
    assert [detection.source_name for detection in page.items] == ["a", "b"]
    assert page.total == 3
    fail_detection(session, page.items[1].id, "SourceError", "gone", NOW)
    failed = list_batch_results(session, batch.id, status=Status.ERROR)
    assert ([each.source_name for each in failed.items], failed.total) == (["b"], 1)


def test_notable_results_are_those_that_failed_and_then_the_highest_rates(session, batch, sources):
    more = [add_source(session, definition(name), NOW) for name in ("d", "e")]
    requests = [request_for(each) for each in (*sources, *more)]
    batch, detections = create_batch(session, batch_request(), requests, NOW)
    ids = {detection.source_name: detection.id for detection in detections}
    for name, n_anomalies in (("a", 1), ("c", 3)):
        start_detection(session, ids[name], NOW)
        finish_detection(session, ids[name], result(n_anomalies, scored_rows=100), NOW)
    fail_detection(session, ids["e"], "SourceError", "gone", NOW)
    page = list_notable_results(session, batch.id, limit=4)
    assert [each.source_name for each in page.items] == ["e", "c", "a", "b"]
    assert page.total == 5


def test_the_batch_of_a_flow_run_is_found(session, source):
    flow_run_id = uuid4()
    assert find_batch_of_flow_run(session, flow_run_id) is None
    requests = [request_for(source)]
    create_batch(session, batch_request(), requests, NOW)
    batch, _ = create_batch(session, batch_request(flow_run_id=flow_run_id), requests, NOW)
    assert find_batch_of_flow_run(session, flow_run_id) == batch


def test_deleting_a_batch_removes_its_detections_and_all_that_they_found(session, batch):
    for detection in list_batch_results(session, batch.id).items:
        start_detection(session, detection.id, NOW)
        finish_detection(session, detection.id, result(5), NOW)
    delete_batch(session, batch.id)
    left = {t.__name__: session.exec(select(func.count()).select_from(t)).one() for t in TABLES}
    assert {name: n for name, n in left.items() if n} == {"Source": 3}
    with pytest.raises(UnknownBatchError, match="`vigil batches list`"):
        delete_batch(session, batch.id)


def test_a_batch_outlives_its_sources(session, batch):
    delete_source(session, "a")
    session.expire_all()
    assert get_batch(session, batch.id).total_sources == 3
    assert list_batch_results(session, batch.id).total == 2
