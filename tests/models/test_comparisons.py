from uuid import UUID

import pytest
from sqlalchemy import func
from sqlmodel import select

from models.agreement_level import AgreementLevel
from models.errors import AmbiguousIdError, UnknownComparisonError, UnknownSourceError
from models.metadata import TABLES
from models.queries.comparison_life import finish_comparison, start_comparison
from models.queries.comparisons import (
    create_comparison,
    delete_comparison,
    get_comparison,
    list_agreement_records,
    list_comparison_results,
    list_comparisons,
)
from models.queries.runs import finish_detection, start_detection
from models.queries.sources import add_source, delete_source
from models.session import session_scope
from models.status import Status
from models.tables.comparison import Comparison
from tests.models.examples import (
    NOW,
    agreement_row,
    comparison_request,
    comparison_result,
    definition,
    request_for,
    result,
)

FIRST = UUID("cccc1111-0000-4000-8000-000000000000")
SECOND = UUID("cccc2222-0000-4000-8000-000000000000")


@pytest.fixture
def session(engine):
    with session_scope(engine) as session:
        yield session


def compare(session, source, *labels):
    requests = [request_for(source, label=label) for label in labels]
    return create_comparison(session, comparison_request(source), requests, NOW)


@pytest.fixture
def finished(session, source):
    """The id of a comparison of two detectors with the three rows they flag."""
    comparison, detections = compare(session, source, "lof", "knn")
    start_comparison(session, comparison.id, NOW)
    for detection in detections:
        start_detection(session, detection.id, NOW)
        finish_detection(session, detection.id, result(), NOW)
    finish_comparison(session, comparison.id, comparison_result(), NOW)
    return comparison.id


def test_a_comparison_is_created_pending_with_a_pending_detection_a_detector(session, source):
    asked = comparison_request(source, columns=["amount"], sample_size=100)
    labels = ["lof", "isolation_forest", "isolation_forest n_estimators=50"]
    requests = [request_for(source, label=label) for label in labels]
    comparison, detections = create_comparison(session, asked, requests, NOW)
    session.expire_all()
    assert {name: getattr(comparison, name) for name in vars(asked)} == vars(asked)
    assert (comparison.status, comparison.source_name) == (Status.PENDING, "orders")
    assert (comparison.labels, comparison.total_detectors) == (labels, 3)
    assert [detection.label for detection in detections] == labels
    assert {(each.comparison_id, each.status) for each in detections} == {
        (comparison.id, Status.PENDING)
    }


@pytest.mark.parametrize("labels", [[], ["lof", "lof"], ["lof", None]])
def test_detectors_that_are_not_labelled_apart_are_refused(session, source, labels):
    with pytest.raises(ValueError, match="a label of their own"):
        compare(session, source, *labels)


def test_a_comparison_of_an_unknown_source_creates_nothing(session, source):
    delete_source(session, source.name)
    with pytest.raises(UnknownSourceError):
        compare(session, source, "lof", "knn")
    assert list_comparisons(session).total == 0


def test_a_comparison_is_found_by_its_first_digits_unless_they_fit_another(session, source):
    for comparison_id in (FIRST, SECOND):
        fields = vars(comparison_request(source)) | {"labels": [], "source_name": "orders"}
        session.add(Comparison(**fields, id=comparison_id, created_at=NOW))
    assert get_comparison(session, "cccc1").id == FIRST
    with pytest.raises(AmbiguousIdError, match="more than one comparison"):
        get_comparison(session, "cccc")
    with pytest.raises(UnknownComparisonError, match="`vigil comparisons list`"):
        get_comparison(session, "cccc3")


def test_comparisons_are_listed_by_source_and_status_with_the_true_total(session, source):
    other = add_source(session, definition("other"), NOW)
    for place in (source, source, other):
        compare(session, place, "lof", "knn")
    page = list_comparisons(session, source_id=source.id, limit=1)
    assert ([each.source_id for each in page.items], page.total) == ([source.id], 2)
    assert list_comparisons(session, status=Status.PENDING).total == 3
    assert list_comparisons(session, source_id=other.id, status=Status.ERROR).total == 0


def test_results_come_in_the_order_in_which_detectors_were_asked_for(session, source):
    comparison, _ = compare(session, source, "lof", "autoencoder", "knn")
    results = list_comparison_results(session, comparison)
    assert [detection.label for detection in results] == ["lof", "autoencoder", "knn"]


def test_records_are_listed_those_agreed_on_most_first_with_the_true_total(session, finished):
    page = list_agreement_records(session, finished, limit=2)
    assert [record.rank for record in page.items] == [1, 2]
    assert page.total == 3
    assert [each.rank for each in list_agreement_records(session, finished, offset=2).items] == [3]


def test_records_may_be_asked_for_by_level_or_by_number_of_detectors(session, finished):
    def ranks(**conditions):
        page = list_agreement_records(session, finished, **conditions)
        assert page.total == len(page.items)
        return [record.rank for record in page.items]

    assert ranks(level=AgreementLevel.ONE) == [2, 3]
    assert ranks(level=AgreementLevel.MAJORITY) == []
    assert ranks(min_count=2) == [1]
    assert ranks(min_count=2, level=AgreementLevel.ONE) == []


def test_a_comparison_keeps_every_flagged_row(session, source):
    comparison, [detection] = compare(session, source, "lof")
    start_comparison(session, comparison.id, NOW)
    start_detection(session, detection.id, NOW)
    finish_detection(session, detection.id, result(), NOW)
    rows = [agreement_row(rank, "lof", row_index=rank) for rank in range(1, 2501)]
    finish_comparison(session, comparison.id, comparison_result(records=rows), NOW)
    page = list_agreement_records(session, comparison.id, offset=2490)
    assert [record.rank for record in page.items] == list(range(2491, 2501))
    assert page.total == comparison.flagged_rows == comparison.flagged_by_one == 2500


@pytest.mark.parametrize("doomed", ["comparison", "source"])
def test_what_belongs_to_a_comparison_goes_with_it_or_its_source(session, finished, doomed):
    if doomed == "comparison":
        delete_comparison(session, finished)
    else:
        delete_source(session, "orders")
    left = {t.__name__: session.exec(select(func.count()).select_from(t)).one() for t in TABLES}
    expected = {"Source": 1} if doomed == "comparison" else {}
    assert {name: n for name, n in left.items() if n} == expected
    with pytest.raises(UnknownComparisonError):
        delete_comparison(session, finished)
