"""How large the tables are, counted or estimated."""

import pytest
from sqlalchemy import text

from benchmarks.years import Years, fill
from models.queries import table_sizes as module
from models.queries.largest import SourceShare, StreamShare, largest_sources, largest_streams
from models.queries.runs import finish_detection
from models.queries.table_sizes import table_sizes
from models.session import session_scope
from models.storage import measure_storage, vacuum
from tests.models.examples import NOW, result
from tests.models.streams import add_stream, alert_of, point_of


def sizes_of(engine):
    with session_scope(engine, writes=False) as session:
        return {size.name: size for size in table_sizes(session)}


def test_an_empty_database_has_no_rows_and_no_times(engine):
    for size in sizes_of(engine).values():
        assert (size.rows, size.exact, size.oldest, size.newest) == (0, True, None, None)


def test_small_tables_are_counted_and_as_old_as_what_they_belong_to(engine, running):
    with session_scope(engine) as session:
        finish_detection(session, running, result(20), NOW)
    sizes = sizes_of(engine)
    rows = {name: size.rows for name, size in sizes.items() if size.rows}
    assert rows == {
        "source": 1,
        "detection": 1,
        "anomaly": 20,
        "column_summary": 2,
        "fitted_detector": 1,
    }
    for name in rows:
        assert (sizes[name].oldest, sizes[name].newest) == (NOW, NOW)
        assert sizes[name].bytes > 0


def test_large_tables_are_estimated(engine, monkeypatch):
    monkeypatch.setattr(module, "_COUNTED", 10)
    years = Years().shrunk(2_000)
    fill(engine, years)
    with session_scope(engine, writes=False) as session:
        detections = largest_sources(session)
    before = stored_bytes(engine)
    anomaly = sizes_of(engine)["anomaly"]
    expected = sum(source.anomalies for source in detections)
    assert not anomaly.exact
    assert anomaly.rows == pytest.approx(expected, rel=0.1)
    # PostgreSQL allots pages ahead, more of them on a busy machine: its own word is what counts.
    assert anomaly.bytes in (before, stored_bytes(engine))
    if engine.dialect.name == "sqlite":
        assert 100 < anomaly.row_bytes < 2_000


def stored_bytes(engine):
    """Return what a table takes: PostgreSQL says so, SQLite's is estimated."""
    if engine.dialect.name == "sqlite":
        return sizes_of(engine)["anomaly"].bytes
    with engine.connect() as connection:
        return connection.execute(text("SELECT pg_total_relation_size('anomaly')")).scalar_one()


def test_estimated_bytes_come_near_the_size_of_a_sqlite_file(sqlite_engine):
    fill(sqlite_engine, Years().shrunk(500))
    vacuum(sqlite_engine)
    total = sum(size.bytes for size in sizes_of(sqlite_engine).values())
    assert total == pytest.approx(measure_storage(sqlite_engine).bytes, rel=0.35)


def test_what_takes_the_most_room_comes_first(engine, source, running):
    with session_scope(engine) as session:
        finish_detection(session, running, result(20), NOW)
        add_stream(session, NOW, "quiet")
        busy = add_stream(session, NOW, "busy")
        session.add_all(point_of(busy, place, NOW) for place in range(5, 12))
        session.add(alert_of(busy, 7, NOW))
    with session_scope(engine, writes=False) as session:
        assert largest_sources(session) == [SourceShare("orders", 1, 20)]
        assert largest_streams(session) == [StreamShare("busy", 7, 1), StreamShare("quiet", 0, 0)]


def test_vacuum_gives_the_room_of_removed_rows_back_to_the_disk(sqlite_engine):
    fill(sqlite_engine, Years().shrunk(500))
    before = measure_storage(sqlite_engine)
    with session_scope(sqlite_engine) as session:
        session.execute(text("DELETE FROM detection"))
    assert measure_storage(sqlite_engine).free_bytes > before.bytes / 4
    vacuum(sqlite_engine)
    after = measure_storage(sqlite_engine)
    assert after.bytes < before.bytes / 2
    assert after.free_bytes == 0
    with session_scope(sqlite_engine, writes=False) as session:
        assert session.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_vacuum_leaves_the_rows_of_postgres_where_they_are(postgres_engine):
    fill(postgres_engine, Years().shrunk(5_000))
    before = {name: size.rows for name, size in sizes_of(postgres_engine).items()}
    vacuum(postgres_engine)
    assert {name: size.rows for name, size in sizes_of(postgres_engine).items()} == before
