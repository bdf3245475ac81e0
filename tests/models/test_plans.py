"""Every list and show reads what it needs from an index, however many rows there are."""

import re

import pytest
from sqlalchemy import event

from benchmarks.readings import readings
from benchmarks.years import Years, fill
from models.session import session_scope

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
