"""Polling SQL, the same on SQLite and PostgreSQL."""

import sqlite3
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url

from sources.base import ReadLimits
from sources.config import parse_source_config
from sources.errors import SourceError
from sources.pollers import open_poller
from sources.polling import Lag, PollOptions
from sources.secrets import SecretResolver
from tests.sources.following import notices, poll_all, same_pages, values


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    """An open connection, and the address of its database."""
    if request.param == "sqlite":
        path = tmp_path / "a.db"
        connection = sqlite3.connect(path, isolation_level=None)
        yield connection, f"sqlite:///{path}"
        connection.close()
        return
    url = request.getfixturevalue("postgres_url")
    plain = make_url(url).set(drivername="postgresql").render_as_string(False)
    with psycopg.connect(plain, autocommit=True) as opened:
        opened.execute("CREATE SCHEMA polled")
        opened.execute("SET search_path = polled")
        yield opened, url
        opened.execute("DROP SCHEMA polled CASCADE")


@pytest.fixture
def execute(database):
    return database[0].execute


@pytest.fixture
def is_sqlite(database):
    return database[1].startswith("sqlite")


@pytest.fixture
def open_table(database, is_sqlite, open_poll):
    """Return a function that opens a poller of table ``t``, or of a query."""

    def open_table(cursor_column="at", **fields):
        if "query" not in fields:
            fields["table"] = "t" if is_sqlite else "polled.t"
        return open_poll("sql", url=database[1], cursor_column=cursor_column, **fields)

    return open_table


def insert(execute, rows):
    for row in rows:
        execute(f"INSERT INTO t VALUES ({', '.join(map(repr, row))})")


def test_rows_come_in_the_order_of_the_cursor_and_new_ones_later(execute, open_table):
    execute("CREATE TABLE t (at int, a float)")
    insert(execute, [(3, 30.5), (1, 10.5), (2, 20.5)])
    poller = open_table()
    pages, cursor = poll_all(poller, limit=2)
    assert [page.rows["a"].tolist() for page in pages] == [[10.5, 20.5], [30.5]]
    assert [page.lag for page in pages] == [Lag(1, "units"), Lag(0, "units")]
    assert poller.poll(cursor, 10).rows.empty
    insert(execute, [(4, 40.5)])
    assert poller.poll(cursor, 10).rows["at"].tolist() == [4]


@pytest.mark.parametrize("keys", [(), ("id",)])
@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_ties_at_the_end_of_a_page_are_neither_lost_nor_repeated(execute, open_table, keys, limit):
    execute("CREATE TABLE t (at int, id int, a int)")
    insert(execute, [(1, 1, 0), (2, 9, 0), (2, 8, 0), (2, 7, 0), (2, 6, 0), (3, 5, 0)])
    poller = open_table(key_columns=keys)
    pages, cursor = poll_all(poller, limit=limit)
    assert sorted(map(int, values(pages, "id"))) == [1, 5, 6, 7, 8, 9]
    assert values(pages, "at") == [1, 2, 2, 2, 2, 3]
    insert(execute, [(3, 2, 0), (3, 1, 0)])  # with the last cursor again, and smaller keys
    pages, cursor = poll_all(poller, cursor, limit=limit)
    assert sorted(map(int, values(pages, "id"))) == [1, 2]
    assert not values(poll_all(poller, cursor)[0], "id")


def test_rows_that_are_equal_in_all_are_each_given_once(execute, open_table):
    execute("CREATE TABLE t (at int, a int)")
    insert(execute, [(1, 5)] * 3)
    poller = open_table(columns=("a",))
    pages, cursor = poll_all(poller, limit=2)
    assert values(pages, "a") == [5, 5, 5]
    insert(execute, [(1, 5)] * 2)
    assert values(poll_all(poller, cursor, limit=1)[0], "a") == [5, 5]


def test_more_ties_than_can_be_remembered_need_keys(execute, open_table, is_sqlite):
    execute("CREATE TABLE t (at int, id int)")
    numbers = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25000) "
        "INSERT INTO t SELECT 7, i FROM n"
    )
    execute(numbers if is_sqlite else "INSERT INTO t SELECT 7, generate_series(1, 25000)")
    with pytest.raises(SourceError, match="more than 10000 rows have the same value in `at`: name"):
        poll_all(open_table(), limit=6000)
    pages, cursor = poll_all(open_table(key_columns=("id",)), limit=6000)
    assert list(map(int, values(pages, "id"))) == list(range(1, 25_001))
    insert(execute, [(7, 25_001), (8, 1)])
    pages, cursor = poll_all(open_table(key_columns=("id",)), cursor)
    assert values(pages, "id") == ["25001", "1"]
    assert '"passed":[]' in cursor
    assert len(cursor) < 1000


def test_rows_without_a_cursor_are_never_given_and_said_once(execute, open_table):
    execute("CREATE TABLE t (at int, a int)")
    execute("INSERT INTO t VALUES (1, 1), (NULL, 2)")
    poller = open_table()
    pages, cursor = poll_all(poller)
    assert values(pages, "a") == [1]
    (notice,) = notices(pages)
    assert notice.endswith("has rows without a value in `at`: they are never read")
    assert not notices(poll_all(poller, cursor)[0])


def test_late_rows_are_found_within_the_lag_and_none_is_repeated(execute, open_table):
    execute("CREATE TABLE t (at int, id int)")
    insert(execute, [(number, number) for number in range(100, 120)])
    poller = open_table(lag=10, key_columns=("id",))
    pages, cursor = poll_all(poller, limit=7)
    assert len(values(pages, "id")) == 20
    insert(execute, [(112, 1), (119, 2), (108, 3), (121, 4), (112, 5)])
    pages, cursor = poll_all(poller, cursor, limit=2)
    assert [int(key) for key in values(pages, "id")] == [1, 5, 2, 4]
    execute("DELETE FROM t WHERE at = 115")
    insert(execute, [(120, 6)])
    pages, cursor = poll_all(poller, cursor, limit=2)
    assert values(pages, "id") == ["6"]
    assert not values(poll_all(poller, cursor)[0], "id")


@pytest.mark.parametrize("kind", ["timestamp", "timestamptz", "date"])
def test_a_lag_of_times_is_in_seconds(execute, open_table, is_sqlite, kind):
    execute(f"CREATE TABLE t (at {kind}, id int)")
    day = "" if kind == "date" else " 10:00:00"
    insert(execute, [(f"2024-01-0{number}{day}", number) for number in (1, 2, 5)])
    poller = open_table(lag=2 * 86_400)
    first = poller.poll(None, 1)
    assert first.lag == Lag(4 * 86_400, "seconds")
    pages, cursor = poll_all(poller, first.next_cursor, limit=1)
    assert values(pages, "id") == [2, 5]
    assert str(pages[0].rows["at"].dtype) == "datetime64[us, UTC]"
    insert(execute, [(f"2024-01-0{number}{day}", number) for number in (4, 3, 2)])
    assert values(poll_all(poller, cursor, limit=1)[0], "id") == [3, 4]


def test_more_rows_within_the_lag_than_can_be_remembered_are_an_error(execute, open_table):
    execute("CREATE TABLE t (at int, id int)")
    execute("INSERT INTO t VALUES " + ", ".join(f"({n}, {n})" for n in range(10_050)))
    with pytest.raises(SourceError, match="more than 10000 rows lie within its `lag` of 20000"):
        poll_all(open_table(lag=20_000), limit=20_000)


def test_a_query_is_polled_like_a_table(execute, open_table, is_sqlite):
    execute("CREATE TABLE t (at int, a int)")
    insert(execute, [(1, 10), (2, 20), (3, 30)])
    name = "t" if is_sqlite else "polled.t"
    query = f"WITH s AS (SELECT at, a, 'x:y %s %; \\:' AS word FROM {name}) SELECT * FROM s; -- end"
    poller = open_table(query=query, columns=("word",))
    pages, cursor = poll_all(poller, limit=2)
    assert values(pages, "word") == ["x:y %s %; \\:"] * 3
    insert(execute, [(4, 40)])
    assert poller.poll(cursor, 10).rows["at"].tolist() == [4]


def test_texts_and_names_of_any_kind_are_cursors(execute, open_table):
    execute('CREATE TABLE t ("At Last" text, "Key" text)')
    insert(execute, [("b", "x"), ("a", "y"), ("b", "z"), ("ä", "w")])
    poller = open_table("At Last", key_columns=("Key",))
    pages, cursor = poll_all(poller, limit=1)
    assert values(pages, "At Last") == ["a", "b", "b", "ä"]
    assert [page.lag for page in pages] == [None] * 4
    assert poller.poll(cursor, 1).rows.empty


def test_values_get_the_types_promised(execute, open_table, is_sqlite):
    execute("CREATE TABLE t (at timestamp, id int, n numeric, flag boolean, none int, word text)")
    execute("INSERT INTO t VALUES ('2024-01-31 10:00:00', 7, 1.5, true, NULL, NULL)")
    execute("INSERT INTO t VALUES ('2024-01-31 10:00:01', 8, NULL, false, 3, 'x')")
    pages, _ = poll_all(open_table(key_columns=("id",)), limit=1)
    assert [str(dtype) for dtype in pages[1].rows.dtypes] == [
        "datetime64[us, UTC]", "str", "float64", "float64", "float64", "str",
    ]  # fmt: skip
    assert values(pages, "id") == ["7", "8"]
    assert values(pages, "flag") == [1, 0]


def test_a_text_where_there_were_numbers_is_missing_and_said_with_its_row(tmp_path, open_poll):
    path = tmp_path / "a.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (at INTEGER, a)")
        connection.executemany("INSERT INTO t VALUES (?, ?)", [(1, 5), (2, 6), (3, "six")])
    connection.close()
    poller = open_poll("sql", url=f"sqlite:///{path}", table="t", cursor_column="at")
    cursor = poller.poll(None, 1).next_cursor
    page = poller.poll(cursor, 10)
    assert page.rows["a"].fillna(-1).tolist() == [6, -1]
    assert "the row with `at` 3: column `a` has held numbers so far" in page.notices[0]


def test_a_cursor_column_is_needed_and_must_be_there(execute, open_table):
    execute("CREATE TABLE t (at int, a int)")
    with pytest.raises(SourceError, match="set `cursor_column` to one that grows"):
        open_table(None)
    with pytest.raises(SourceError, match="has no column `att`: did you mean `at`"):
        open_table("att").poll(None, 1)
    with pytest.raises(SourceError, match="has no column `idd`"):
        open_table(key_columns=("idd",)).poll(None, 1)


def test_a_table_that_comes_later_is_found(execute, open_table):
    poller = open_table()
    with pytest.raises(SourceError, match="no such table"):
        poller.poll(None, 1)
    execute("CREATE TABLE t (at int)")
    assert list(poller.poll(None, 1).rows.columns) == ["at"]


@pytest.mark.parametrize(
    ("kind", "value", "problem"),
    [
        ("float", "'NaN'", "`at` holds a number that is not finite"),
        ("boolean", "true", "`at` holds a value of type bool"),
        ("bytea", "'x'", "`at` holds a value of type bytes"),
    ],
)
def test_values_by_which_nothing_can_be_read_on_are_refused(
    execute, open_table, is_sqlite, kind, value, problem
):
    if is_sqlite:
        kind, value, problem = "blob", "x'00'", "`at` holds a value of type bytes"
    execute(f"CREATE TABLE t (at {kind})")
    execute(f"INSERT INTO t VALUES ({value})")
    with pytest.raises(SourceError, match=f"{problem}: name a `cursor_column` of numbers"):
        open_table().poll(None, 1)


def test_a_lag_needs_numbers_or_times(execute, open_table):
    execute("CREATE TABLE t (at text)")
    insert_one = "INSERT INTO t VALUES ('first')"
    execute(insert_one)
    with pytest.raises(SourceError, match="`lag` needs a cursor column of numbers or times"):
        open_table(lag=5).poll(None, 1)


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        '{"kind": "csv"}',
        '{"kind": "sql", "column": "at", "low": {"kind": "integer", "text": "x"}}',
        '{"kind": "sql", "column": "at", "low": {"kind": "decimal", "text": "x"}}',
        '{"kind": "sql", "column": "id"}',
    ],
)
def test_a_foreign_cursor_is_refused(execute, open_table, cursor):
    execute("CREATE TABLE t (at int)")
    with pytest.raises(SourceError, match="`vigil streams reset`"):
        open_table().poll(cursor, 1)


def test_large_rows_make_short_pages(execute, open_table, is_sqlite):
    execute("CREATE TABLE t (at int, word text)")
    word = "printf('%030000000d', 1)" if is_sqlite else "repeat('x', 30000000)"
    for number in range(4):
        execute(f"INSERT INTO t VALUES ({number}, {word})")
    pages, _ = poll_all(open_table())
    assert [len(page.rows) for page in pages] == [3, 1]


@pytest.mark.parametrize("keys", [(), ("id",)])
def test_rows_are_found_by_an_index_and_not_by_counting(execute, open_table, is_sqlite, keys):
    execute("CREATE TABLE t (at int, id int)")
    execute("CREATE INDEX by_at ON t (at)")
    insert(execute, [(1, 1), (2, 2)])
    poller = open_table(key_columns=keys)
    cursor = poller.poll(None, 1).next_cursor
    asked = []

    def listen(connection, cursor, statement, parameters, *rest):
        asked.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        poller.poll(cursor, 1)
    finally:
        event.remove(Engine, "before_cursor_execute", listen)
    (polled,) = [(said, values) for said, values in asked if "ORDER BY" in said]
    if is_sqlite:
        plan = execute("EXPLAIN QUERY PLAN " + polled[0], polled[1]).fetchall()
        assert "SEARCH t USING INDEX by_at (at>?)" in str(plan)
    else:
        execute("SET enable_seqscan = off")  # which is cheaper for two rows
        assert "Index Cond: (at >= 1)" in str(execute("EXPLAIN " + polled[0], polled[1]).fetchall())


steps = st.lists(
    st.one_of(
        st.tuples(st.just("insert"), st.integers(0, 6)),
        st.tuples(st.just("poll"), st.integers(1, 4)),
        st.tuples(st.just("again"), st.integers(1, 4)),
    ),
    max_size=30,
)


@settings(deadline=None, max_examples=50)
@given(steps=steps, keyed=st.booleans(), lag=st.sampled_from([0, 3]))
def test_whatever_the_order_of_inserts_and_polls_each_row_is_given_once(steps, keyed, lag):
    """Rows come with the last cursor at the least, or at most ``lag`` before it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.db"
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("CREATE TABLE t (at INTEGER, id INTEGER)")
        config = parse_source_config("sql", {"url": f"sqlite:///{path}", "table": "t", "lag": lag})
        options = PollOptions(None, ("id",) if keyed else (), "at")
        poller = open_poller(config, options, ReadLimits(), SecretResolver())
        cursor, highest, number, seen = None, 0, 0, []
        for step, amount in [*steps, ("poll", 2), ("poll", 2)]:
            if step == "insert":
                # Smaller keys later: neither cursor nor key need grow together.
                connection.execute(
                    "INSERT INTO t VALUES (?, ?)", (highest - lag + amount, 1000 - number)
                )
                number += 1
            elif step == "poll":
                pages, cursor = poll_all(poller, cursor, amount)
                seen += map(int, values(pages, "id"))
                highest = max([highest, *map(int, values(pages, "at"))])
            else:
                assert same_pages(
                    poll_all(poller, cursor, amount)[0], poll_all(poller, cursor, amount)[0]
                )
        connection.close()
        assert sorted(seen) == [1001 - n for n in range(number, 0, -1)]


def test_a_time_with_a_zone_is_read_on_from_exactly(execute, open_table):
    execute("CREATE TABLE t (at timestamptz)")
    insert(execute, [(f"2024-01-31T10:00:00.{number}+02:00",) for number in (123456, 123457)])
    pages, cursor = poll_all(open_table(), limit=1)
    assert [at.to_pydatetime() for at in values(pages, "at")] == [
        datetime(2024, 1, 31, 8, 0, 0, microsecond, UTC) for microsecond in (123456, 123457)
    ]
    assert open_table().poll(cursor, 1).rows.empty
