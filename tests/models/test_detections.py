from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func
from sqlmodel import select

from models.errors import AmbiguousIdError, UnknownDetectionError
from models.metadata import TABLES
from models.queries.detections import (
    DetectionFilter,
    delete_detection,
    get_detection,
    latest_detection,
    list_detections,
)
from models.queries.runs import create_detections, fail_detection, finish_detection
from models.queries.sources import add_source
from models.session import session_scope
from models.status import Status
from models.tables.detection import Detection
from tests.models.examples import NOW, definition, request_for, result

FIRST = UUID("aaaa1111-0000-4000-8000-000000000000")
SECOND = UUID("aaaa2222-0000-4000-8000-000000000000")


@pytest.fixture
def session(engine):
    with session_scope(engine) as session:
        yield session


@pytest.fixture
def two(session, source):
    """Detections whose ids start alike."""
    for detection_id in (FIRST, SECOND):
        session.add(
            Detection(
                **vars(request_for(source)), id=detection_id, source_name="orders", created_at=NOW
            )
        )
    session.flush()


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("given", [FIRST, str(FIRST), FIRST.hex.upper(), "aaaa1", "aaaa-11"])
def test_a_detection_is_found_by_its_id_or_its_first_digits(session, given):
    assert get_detection(session, given).id == FIRST


@pytest.mark.usefixtures("two")
def test_digits_that_fit_several_detections_name_them(session):
    with pytest.raises(AmbiguousIdError, match=f"{FIRST}, {SECOND}: give more digits"):
        get_detection(session, "aaaa")


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("given", ["bbbb", "aaaa3", "aaa", "", "orders", "aaaa%", FIRST.hex + "0"])
def test_what_fits_no_detection_says_where_to_look(session, given):
    with pytest.raises(UnknownDetectionError, match="`vigil detections list`"):
        get_detection(session, given)


def created_at(session, source, *seconds, **changes):
    return [
        create_detections(
            session, [request_for(source, **changes)], NOW + timedelta(seconds=second)
        )[0].id
        for second in seconds
    ]


def test_detections_are_listed_latest_first_with_the_true_total(session, source):
    first, third, second = created_at(session, source, 1, 3, 2)
    page = list_detections(session, offset=0, limit=2)
    assert [detection.id for detection in page.items] == [third, second]
    assert [d.id for d in list_detections(session, offset=2, limit=2).items] == [first]
    assert page.total == 3


def test_pages_of_detections_created_at_once_do_not_overlap(session, source):
    created = {d.id for d in create_detections(session, [request_for(source)] * 7, NOW)}
    pages = [list_detections(session, offset=at, limit=3).items for at in (0, 3, 6)]
    assert {d.id for page in pages for d in page} == created


def test_a_filter_narrows_the_list_and_its_total(session, source):
    other = add_source(session, definition("others"), NOW)
    (failed,) = created_at(session, source, 1)
    created_at(session, source, 2, algorithm="knn")
    created_at(session, other, 3)
    fail_detection(session, failed, "SourceError", "gone", NOW)

    def total(**conditions):
        return list_detections(session, DetectionFilter(**conditions)).total

    assert total() == 3
    assert total(source_id=source.id) == 2
    assert total(source_id=source.id, algorithm="knn") == 1
    assert total(status=Status.ERROR) == 1
    assert total(status=Status.ERROR, algorithm="knn") == 0


@pytest.mark.parametrize(("offset", "limit"), [(-1, 1), (0, 0)])
def test_a_page_that_cannot_be_is_refused(session, offset, limit):
    with pytest.raises(ValueError, match="offset >= 0 and limit >= 1"):
        list_detections(session, offset=offset, limit=limit)


def test_the_latest_detection_may_be_asked_for_by_status(session, source):
    first, second = created_at(session, source, 1, 2)
    fail_detection(session, first, "SourceError", "gone", NOW)
    assert latest_detection(session, source.id).id == second
    assert latest_detection(session, source.id, Status.ERROR).id == first
    with pytest.raises(UnknownDetectionError, match="no detection with status success yet"):
        latest_detection(session, source.id, Status.SUCCESS)


def test_deleting_a_detection_removes_all_that_belongs_to_it(engine, source, running):
    with session_scope(engine) as session:
        finish_detection(session, running, result(5), NOW)
        delete_detection(session, running)
        left = {t.__name__: session.exec(select(func.count()).select_from(t)).one() for t in TABLES}
    assert {name: n for name, n in left.items() if n} == {"Source": 1}


def test_deleting_an_unknown_detection_says_so(session):
    with pytest.raises(UnknownDetectionError):
        delete_detection(session, FIRST)
