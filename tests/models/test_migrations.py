"""Databases of earlier versions, with what was in them."""

import pytest
from alembic import command
from sqlalchemy import inspect, text

from models.base import VERSION_TABLE
from models.engine import make_engine
from models.queries.detections import get_detection
from models.queries.findings import find_anomaly, get_fitted_detector, list_column_summaries
from models.queries.sources import get_source
from models.schema import alembic_config, check_version, known_revisions, upgrade
from models.session import session_scope
from models.status import Status

SOURCE = "aaaa1111000040008000000000000000"
DETECTION = "bbbb1111000040008000000000000000"
TIME = "2026-03-01 12:00:00.123456"

ROWS_OF_0001 = {
    "source": {
        "id": SOURCE,
        "name": "orders",
        "kind": "csv",
        "config": '{"path": "orders.csv"}',
        "tags": '["shop"]',
        "key_columns": "[]",
        "created_at": TIME,
        "updated_at": TIME,
    },
    "detection": {
        "id": DETECTION,
        "source_id": SOURCE,
        "source_name": "orders",
        "status": "success",
        "algorithm": "knn",
        "detector": '{"algorithm": "knn", "n_neighbors": 5}',
        "columns": '["amount"]',
        "seed": 2**40,
        "missing": "impute",
        "threshold_policy": '{"policy": "false_alarm", "rate": 0.01}',
        "threshold": 0.1 + 0.2,
        "anomaly_count": 1,
        "created_at": TIME,
        "started_at": TIME,
    },
    "anomaly": {
        "detection_id": DETECTION,
        "row_index": 7,
        "score": 0.9,
        "rank": 1,
        "values": '{"city": "Köln"}',
        "standouts": "{}",
    },
    "column_summary": {
        "detection_id": DETECTION,
        "position": 0,
        "column": "amount",
        "dtype": "float64",
        "watched": True,
        "missing": 2,
        "infinite": 0,
        "constant": False,
        "extreme_anomalies": 1,
    },
    "fitted_detector": {
        "detection_id": DETECTION,
        "format_version": 1,
        "algorithm": "knn",
        "libraries": "{}",
        "payload": b"\x00\xff",
        "size_bytes": 2,
        "created_at": TIME,
    },
}


@pytest.fixture
def empty(empty_url):
    engine = make_engine(empty_url)
    yield engine
    engine.dispose()


def migrate_to(engine, revision):
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), revision)


def fill(engine, rows):
    with engine.begin() as connection:
        for table, row in rows.items():
            columns = ", ".join(f'"{name}"' for name in row)
            values = ", ".join(f":{name}" for name in row)
            connection.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({values})"), row)


@pytest.mark.parametrize("revision", ["base", *known_revisions()])
def test_every_earlier_revision_can_be_upgraded(empty, revision):
    migrate_to(empty, revision)
    upgrade(empty)
    check_version(empty)


def test_what_0001_kept_is_there_after_an_upgrade(empty):
    migrate_to(empty, "0001")
    fill(empty, ROWS_OF_0001)
    upgrade(empty)
    with session_scope(empty, writes=False) as session:
        assert get_source(session, "orders").tags == ["shop"]
        detection = get_detection(session, DETECTION)
        assert (detection.status, detection.algorithm) == (Status.SUCCESS, "knn")
        assert detection.detector == {"algorithm": "knn", "n_neighbors": 5}
        assert (detection.columns, detection.features) == (["amount"], None)
        assert (detection.seed, detection.threshold) == (2**40, 0.1 + 0.2)
        assert f"{detection.created_at:%Y-%m-%d %H:%M:%S.%f}" == TIME
        assert (detection.batch_id, detection.comparison_id, detection.label) == (None,) * 3
        assert find_anomaly(session, detection.id, 7).values == {"city": "Köln"}
        assert [each.column for each in list_column_summaries(session, detection.id)] == ["amount"]
        fitted = get_fitted_detector(session, detection.id)
        assert (fitted.format_version, fitted.payload) == (1, b"\x00\xff")


def test_every_migration_can_be_undone(empty):
    upgrade(empty)
    with empty.begin() as connection:
        command.downgrade(alembic_config(connection), "base")
    assert inspect(empty).get_table_names() == [VERSION_TABLE]
