from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.exc import StatementError

from models.queries.detections import get_detection
from models.queries.findings import list_anomalies, list_column_summaries
from models.queries.runs import fail_detection, finish_detection
from models.queries.sources import add_source, get_source
from models.session import session_scope
from tests.models.examples import NOW, anomaly, column, definition, result


def test_a_time_of_another_zone_comes_back_in_utc(engine):
    noon_in_tokyo = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=9)))
    with session_scope(engine) as session:
        add_source(session, definition(), noon_in_tokyo)
    with session_scope(engine, writes=False) as session:
        created = get_source(session, "orders").created_at
    assert created == noon_in_tokyo
    assert created.tzinfo is UTC


def test_a_time_without_a_zone_is_refused(engine):
    with pytest.raises(StatementError, match="timezone"), session_scope(engine) as session:
        add_source(session, definition(), NOW.replace(tzinfo=None))


def test_numpy_scalars_are_stored_as_numbers(engine, running):
    row = anomaly(np.int32(1), row_index=np.int64(2**40), score=np.float32(0.5))
    with session_scope(engine) as session:
        finish_detection(session, running, result(anomalies=[row]), NOW)
    with session_scope(engine, writes=False) as session:
        (stored,) = list_anomalies(session, running).items
        in_database = session.connection().execute(text("SELECT row_index FROM anomaly")).scalar()
    assert (stored.row_index, stored.score, stored.rank) == (2**40, 0.5, 1)
    assert in_database == 2**40


def test_nan_is_null_and_infinity_stays(engine, running):
    extreme = column("amount", mean=float("nan"), maximum=float("inf"), minimum=-1e300)
    with session_scope(engine) as session:
        finish_detection(session, running, result(columns=[extreme]), NOW)
    with session_scope(engine, writes=False) as session:
        (stored,) = list_column_summaries(session, running)
    assert (stored.mean, stored.maximum, stored.minimum) == (None, float("inf"), -1e300)


def test_values_that_json_cannot_say_are_stored_in_their_nearest_form(engine, running):
    values = {"a": float("nan"), "b": float("-inf"), "c": "x\x00\udcff", "d": np.int64(3)}
    with session_scope(engine) as session:
        finish_detection(session, running, result(anomalies=[anomaly(1, values=values)]), NOW)
    with session_scope(engine, writes=False) as session:
        (stored,) = list_anomalies(session, running).items
    assert stored.values == {"a": None, "b": "-Infinity", "c": "x\ufffd\ufffd", "d": 3}


def test_no_value_is_null_in_the_database_for_json_too(engine, source):
    with session_scope(engine, writes=False) as session:
        query = text("SELECT count(*) FROM source WHERE columns IS NULL")
        assert session.connection().execute(query).scalar() == 1


def test_an_error_that_names_a_file_of_odd_bytes_can_be_stored(engine, running):
    with session_scope(engine) as session:
        fail_detection(session, running, "SourceError", "no file a\udcff\x00.csv", NOW)
        session.expire_all()
        stored = get_detection(session, running)
        assert stored.error_message == "no file a\ufffd\ufffd.csv"
