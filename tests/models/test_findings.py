import pytest

from models.queries.findings import (
    find_anomalies,
    find_anomaly,
    list_anomalies,
    list_anomalous_rows,
)
from models.queries.runs import finish_detection
from models.session import session_scope
from tests.models.examples import NOW, result


@pytest.fixture
def finished(engine, running):
    with session_scope(engine) as session:
        finish_detection(session, running, result(2500, scored_rows=100_000), NOW)
    return running


def test_anomalies_are_listed_strongest_first_in_pages_with_the_true_total(engine, finished):
    with session_scope(engine, writes=False) as session:
        page = list_anomalies(session, finished, offset=2490, limit=20)
    assert [anomaly.rank for anomaly in page.items] == list(range(2491, 2501))
    assert page.total == 2500


def test_the_rows_of_all_anomalies_are_listed_by_detection(engine, source, finished):
    with session_scope(engine, writes=False) as session:
        rows = list_anomalous_rows(session, [finished, source.id])
    assert rows[finished] == sorted(rows[finished])
    assert (len(rows[finished]), rows[source.id]) == (2500, [])


def test_an_anomaly_is_found_by_its_row(engine, finished):
    with session_scope(engine, writes=False) as session:
        found = find_anomaly(session, finished, 999)
        assert found is not None
        assert (found.rank, found.row_key) == (1, "order-999")
        assert find_anomaly(session, finished, 10**12) is None


def test_anomalies_are_found_by_row_or_key_strongest_first(engine, finished):
    with session_scope(engine, writes=False) as session:
        found = find_anomalies(session, finished, [998, 10**12], ["order-999", "order-0"])
        assert [anomaly.rank for anomaly in found] == [1, 2, 1000]
        assert find_anomalies(session, finished, []) == []


def test_anomalies_of_another_detection_are_not_listed(engine, source, finished):
    with session_scope(engine, writes=False) as session:
        assert list_anomalies(session, source.id).total == 0
