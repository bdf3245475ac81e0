import sqlite3
import sys

import numpy as np
import pandas as pd
import pytest

from sources.base import ReadLimits
from sources.config import SqlConfig
from sources.errors import SourceError, TransientSourceError
from sources.secrets import SecretResolver
from sources.sql_reader import SqlReader


@pytest.fixture
def database(tmp_path):
    """An SQLite file with a table that has no key, an index that sorts otherwise, and a view."""
    path = tmp_path / "shop & co.db"
    connection = sqlite3.connect(path)
    connection.executescript(
        """
        CREATE TABLE "order" (kind TEXT, id INTEGER, amount REAL, at TIMESTAMP, mixed);
        CREATE INDEX by_kind ON "order" (kind);
        INSERT INTO "order" VALUES
            ('z', 1, 1.5, '2024-01-31 10:00:00', 1),
            ('a', 2, NULL, '2024-01-31T11:00:00', 'x'),
            ('m', 3, 3e300, NULL, 2.5);
        CREATE VIEW large AS SELECT id, amount FROM "order" WHERE amount > 2;
        CREATE TABLE keyed (id INTEGER, word TEXT PRIMARY KEY);
        INSERT INTO keyed VALUES (1, 'b'), (2, 'a');
        CREATE TABLE empty (id INTEGER, word TEXT);
        """
    )
    connection.close()
    return path


@pytest.fixture
def open_table(database, open_source):
    """Return a function that opens a table or query of that file."""

    def open_table(table=None, **fields):
        return open_source("sql", url=f"sqlite:///{database}", table=table, **fields)

    return open_table


def test_a_table_reads_with_the_types_of_its_values(open_table):
    frame = open_table("order").read()
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == {
        "kind": "str", "id": "int64", "amount": "float64", "at": "datetime64[us]", "mixed": "str",
    }  # fmt: skip
    np.testing.assert_array_equal(frame["amount"], [1.5, np.nan, 3e300])
    assert frame["mixed"].tolist() == ["1", "x", "2.5"]


def test_the_order_of_rows_does_not_depend_on_the_columns_wanted(open_table):
    assert open_table("order").read()["kind"].tolist() == ["z", "a", "m"]
    assert open_table("order").read(["kind"])["kind"].tolist() == ["z", "a", "m"]


def test_a_table_is_read_by_its_key(open_table):
    assert open_table("keyed").read()["word"].tolist() == ["a", "b"]


def test_a_view_is_read_like_a_table(open_table):
    assert open_table("large").read(["amount"])["amount"].tolist() == [3e300]


def test_a_query_is_sent_as_it_is(open_table):
    query = "SELECT id, 'a:b 100%' AS text FROM \"order\" WHERE kind LIKE '%' ORDER BY id DESC"
    frame = open_table(query=query).read()
    assert frame["id"].tolist() == [3, 2, 1]
    assert frame["text"][0] == "a:b 100%"


@pytest.mark.parametrize("source", [{"table": "order"}, {"query": 'SELECT * FROM "order"'}])
def test_columns_and_limit_are_honoured(open_table, source):
    frame = open_table(**source).read(["amount", "id"], limit=2)
    assert list(frame.columns) == ["amount", "id"]
    assert frame["id"].tolist() == [1, 2]
    assert len(open_table(**source).read(limit=0)) == 0


def test_no_rows_are_an_empty_frame_with_columns(open_table):
    assert list(open_table("empty").read().columns) == ["id", "word"]
    with open_table("empty").open_table() as table:
        assert list(table.chunks(10)) == []


def test_chunks_are_the_rows_of_the_whole(open_source, tmp_path):
    path = tmp_path / "numbers.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (a INTEGER)")
    connection.executemany("INSERT INTO t VALUES (?)", [(number,) for number in range(25_000)])
    connection.commit()
    connection.close()
    reader = open_source("sql", url=f"sqlite:///{path}", table="t")
    with reader.open_table() as table:
        chunks = list(table.chunks(10_000))
    assert [len(chunk) for chunk in chunks] == [10_000, 10_000, 5_000]
    assert pd.concat(chunks).equals(reader.read())


def test_the_database_is_left_before_the_rows_are_worked_on(open_table, database):
    with open_table("order").open_table(), sqlite3.connect(database) as connection:
        connection.execute('DELETE FROM "order"')
    connection.close()


def test_a_missing_file_is_an_error_and_is_not_made(tmp_path, open_source):
    path = tmp_path / "no.db"
    with pytest.raises(SourceError, match=rf"no such SQLite file: {path}"):
        open_source("sql", url=f"sqlite:///{path}", table="t").read()
    assert not path.exists()


def test_a_reference_may_stand_for_the_folder_of_a_file(database, open_source, monkeypatch):
    monkeypatch.setenv("FOLDER", str(database.parent))
    reader = open_source("sql", url=f"sqlite:///{{env:FOLDER}}/{database.name}", table="keyed")
    assert len(reader.read()) == 2
    database.unlink()
    with pytest.raises(SourceError, match=r"no such SQLite file: {env:FOLDER}/shop"):
        reader.read()


def test_nothing_can_be_written(open_table):
    with pytest.raises(SourceError, match="attempt to write a readonly database"):
        open_table(query="WITH a AS (SELECT 1) INSERT INTO keyed SELECT 1, 'c'").read()


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ({"table": "ordre"}, "no such table: did you mean `order`"),
        ({"table": "larg"}, "no such table: did you mean `large`"),
        ({"query": "SELECT amout FROM keyed"}, "no such column: amout"),
        ({"query": "SELECT 1 AS a, 2 AS a"}, "more than one column is named `a`"),
        ({"query": "SELECT FROM"}, "syntax error"),
    ],
)
def test_a_wrong_statement_says_what_is_wrong(open_table, source, problem):
    with pytest.raises(SourceError, match=problem) as caught:
        open_table(**source).read()
    assert "sqlite:///" in str(caught.value)
    assert "Background on this error" not in str(caught.value)
    assert not isinstance(caught.value, TransientSourceError)


def test_an_unknown_column_names_the_closest(open_table):
    for source in ({"table": "order"}, {"query": 'SELECT * FROM "order"'}):
        with pytest.raises(SourceError, match="has no column `amout`: did you mean `amount`"):
            open_table(**source).read(["amout"])


def test_a_file_that_is_no_database_is_an_error(tmp_path, open_source):
    path = tmp_path / "text.db"
    path.write_text("text, not a database" * 100)
    with pytest.raises(SourceError, match="file is not a database"):
        open_source("sql", url=f"sqlite:///{path}", table="t").read()


def test_a_statement_without_end_is_ended(open_table):
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n"
    with pytest.raises(SourceError, match=r"took longer than 0\.1 s: narrow it"):
        open_table(query=endless, limits=ReadLimits(timeout_seconds=0.1)).read()


def read_unchecked(database, query):
    """Read a query past the check that it is one statement that reads."""
    config = SqlConfig.model_construct(url=f"sqlite:///{database}", query=query)
    return SqlReader(config, ReadLimits(), SecretResolver()).read()


@pytest.mark.parametrize(
    "statement",
    [
        'DELETE FROM "order"',
        "DROP TABLE keyed",
        "CREATE TABLE more (a)",
        "SELECT 1; DROP TABLE keyed",
        "PRAGMA user_version = 7",
        "VACUUM",
    ],
)
def test_nothing_is_written_even_past_the_check_of_queries(database, statement):
    before = database.read_bytes()
    with pytest.raises(SourceError):
        read_unchecked(database, statement)
    assert database.read_bytes() == before


def test_no_other_file_can_be_attached(database, tmp_path):
    for other in ("other.db", ":memory:"):
        with pytest.raises(SourceError, match="too many attached databases"):
            read_unchecked(database, f"ATTACH '{tmp_path / other}' AS other")
    assert not (tmp_path / "other.db").exists()


def test_no_library_can_be_loaded(open_table):
    with pytest.raises(SourceError, match="not authorized"):
        open_table(query="SELECT load_extension('x')").read()


def test_one_value_cannot_fill_the_memory(open_table):
    with pytest.raises(SourceError, match="too big"):
        open_table(query="SELECT hex(zeroblob(900000000)) AS a").read()


def test_hostile_names_are_names(open_table, database):
    table, column = 't"; DROP TABLE keyed; --%s', 'a"] `; DROP TABLE keyed; --%s :b ?'
    with sqlite3.connect(database) as connection:
        quoted = [name.replace('"', '""') for name in (table, column)]
        connection.execute('CREATE TABLE "{}" ("{}" INTEGER PRIMARY KEY)'.format(*quoted))
        connection.execute('INSERT INTO "{}" VALUES (1)'.format(*quoted))
    connection.close()
    assert open_table(table).read([column]).to_dict("list") == {column: [1]}
    assert open_table("keyed").read()["id"].tolist() == [2, 1]


def test_a_locked_database_may_be_tried_again(open_table, database):
    connection = sqlite3.connect(database)
    connection.execute("BEGIN EXCLUSIVE")
    with pytest.raises(TransientSourceError, match="database is locked"):
        open_table("order", limits=ReadLimits(timeout_seconds=0.1)).read()
    connection.close()


def test_limits_of_bytes_and_columns_hold(open_table):
    with pytest.raises(SourceError, match="has 5 columns, more than the 2 allowed"):
        open_table("order", limits=ReadLimits(max_columns=2)).read()
    query = "SELECT printf('%2000s', 'x') AS a"
    with pytest.raises(SourceError, match="holds more than the 1024 bytes allowed"):
        open_table(query=query, limits=ReadLimits(max_bytes=1024)).read()


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("sqlite://", "names no file: expected sqlite:///path/to/file.db"),
        ("oracel://h/db", "SQLAlchemy knows no oracel"),
        ("orders.db", "not an SQLAlchemy address"),
        ("postgresql://u@h:port/db", "not an SQLAlchemy address"),
        ("postgresql+asyncpg://h/db", "an asynchronous driver: expected a plain one"),
    ],
)
def test_an_address_that_cannot_be_used_is_named(open_source, url, problem):
    with pytest.raises(SourceError, match=problem):
        open_source("sql", url=url, table="t").read()


def test_a_missing_driver_names_what_to_install(open_source, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(SourceError, match=r"pip install 'vigil\[postgres\]'"):
        open_source("sql", url="postgresql://h/db", table="t").read()
    monkeypatch.setitem(sys.modules, "pymysql", None)
    with pytest.raises(SourceError, match=r"is not installed: install the package .* pymysql"):
        open_source("sql", url="mysql+pymysql://h/db", table="t").read()
