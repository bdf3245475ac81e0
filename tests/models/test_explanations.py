from datetime import timedelta

import pytest

from models.errors import RunStatusError, UnknownDetectionError, UnknownExplanationError
from models.queries.detections import delete_detection
from models.queries.explanations import (
    find_explanations,
    get_explanation,
    list_explanations,
    store_explanations,
)
from models.queries.runs import finish_detection
from models.session import session_scope
from tests.models.examples import NOW, explanation_row, result

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def finished(engine, running):
    with session_scope(engine) as session:
        finish_detection(session, running, result(3), NOW)
    return running


@pytest.fixture
def explained(engine, finished):
    store(engine, finished, [explanation_row(index) for index in range(30)])
    return finished


def store(engine, detection_id, rows, now=NOW):
    with session_scope(engine) as session:
        store_explanations(session, detection_id, rows, now)


def test_an_explanation_comes_back_as_it_was_stored(engine, finished):
    row = explanation_row(7)
    store(engine, finished, [row])
    with session_scope(engine, writes=False) as session:
        found = get_explanation(session, finished, 7)
    assert {name: getattr(found, name) for name in vars(row)} == vars(row)
    assert found.created_at == NOW


def test_explaining_a_row_again_replaces_it_and_no_other(engine, explained):
    store(engine, explained, [explanation_row(7, seed=9), explanation_row(99)], LATER)
    with session_scope(engine, writes=False) as session:
        assert list_explanations(session, explained).total == 31
        assert [
            (one.row_index, one.seed, one.created_at)
            for one in find_explanations(session, explained, [6, 7])
        ] == [(6, 0, NOW), (7, 9, LATER)]


def test_explanations_are_found_by_row_or_key_in_the_order_of_the_source(engine, explained):
    with session_scope(engine, writes=False) as session:
        found = find_explanations(session, explained, [9, 500], ["order-3", "order-x"])
        assert [one.row_index for one in found] == [3, 9]
        assert find_explanations(session, explained, []) == []


def test_explanations_are_listed_by_score_in_pages_with_the_true_total(engine, explained):
    with session_scope(engine, writes=False) as session:
        page = list_explanations(session, explained, offset=28, limit=5)
        some = list_explanations(session, explained, row_indices=[4, 8, 500])
    assert ([one.row_index for one in page.items], page.total) == ([1, 0], 30)
    assert ([one.row_index for one in some.items], some.total) == ([8, 4], 2)


def test_a_row_that_was_not_explained_is_said_with_the_command_that_does(engine, explained):
    with (
        session_scope(engine, writes=False) as session,
        pytest.raises(UnknownExplanationError, match=rf"vigil explain {explained} --row 77"),
    ):
        get_explanation(session, explained, 77)


def test_only_a_detection_that_succeeded_is_explained(engine, running):
    with pytest.raises(RunStatusError, match="is running, expected success"):
        store(engine, running, [explanation_row(1)])


def test_explanations_go_with_their_detection(engine, explained):
    with session_scope(engine) as session:
        delete_detection(session, explained)
    with session_scope(engine, writes=False) as session:
        assert list_explanations(session, explained).total == 0
    with pytest.raises(UnknownDetectionError, match="removed meanwhile"):
        store(engine, explained, [explanation_row(1)])
