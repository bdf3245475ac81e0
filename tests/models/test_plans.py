"""Every list and show reads what it needs from an index, however many rows there are."""

import ast
import re
from pathlib import Path

import pytest
from sqlalchemy import event

from benchmarks.readings import readings
from benchmarks.years import Years, fill
from models.session import session_scope

ROOT = Path(__file__).parents[2]
# Of sources and streams, of which there are never many.
SMALL = {
    *("list_stream_names", "list_stream_ids", "find_stream"),
    *("get_source_names", "get_source_by_id"),
}
# Those that grow with every run, or every row of a stream.
GROWING = (
    "agreement_record",
    "alert",
    "anomaly",
    "batch",
    "column_summary",
    "comparison",
    "detection",
    "explanation",
    "fitted_detector",
    "stream_point",
)


@pytest.fixture
def filled(engine):
    fill(engine, Years().shrunk(5_000))
    return engine


def statements_of(session, run):
    """Return the statements that ``run`` executes, with their parameters."""
    seen = []

    def note(connection, cursor, statement, parameters, context, executemany):
        seen.append((statement, parameters))

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    run(session)
    event.remove(connection, "before_cursor_execute", note)
    assert seen
    return seen


def scanned_tables(session, statement, parameters):
    """Return the tables that the plan of a statement reads from one end to the other."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        plan = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars()
        return set(re.findall(r"Seq Scan on (\w+)", "\n".join(plan)))
    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    return {line.detail.split()[1] for line in plan if re.fullmatch(r"SCAN \w+", line.detail)}


def test_no_list_and_no_show_reads_a_growing_table_from_end_to_end(filled):
    scans = {}
    with session_scope(filled, writes=False) as session:
        for reading in list(readings(session)):
            for statement, parameters in statements_of(session, reading.run):
                if session.get_bind().dialect.name == "postgresql":
                    # A table of a few rows is read whole if an index is not the only way.
                    session.connection().exec_driver_sql("SET LOCAL enable_seqscan = off")
                scanned = scanned_tables(session, statement, parameters) & set(GROWING)
                if scanned:
                    scans[reading.query, reading.variant] = scanned, statement
            session.expunge_all()
    assert scans == {}


def test_every_query_by_which_commands_read_is_among_them(sqlite_engine):
    fill(sqlite_engine, Years().shrunk(5_000))
    with session_scope(sqlite_engine, writes=False) as session:
        planned = {reading.query for reading in readings(session)}
    imported = {
        alias.name
        for path in (ROOT / "cli").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("models.queries.")
        for alias in node.names
    }
    reading = {name for name in imported if re.match("(list|latest|count|find|get|recent)_", name)}
    assert len(reading) > 20
    assert reading - planned == SMALL
