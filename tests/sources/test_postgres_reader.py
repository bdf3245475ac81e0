import traceback
from collections.abc import Iterator

import pandas as pd
import psycopg
import pytest
from sqlalchemy.engine import make_url

from sources.base import ReadLimits
from sources.config import SqlConfig
from sources.errors import SourceError, TransientSourceError
from sources.secrets import SecretResolver
from sources.sql_reader import SqlReader

SCHEMA = '"Odd schema"'


@pytest.fixture(scope="module")
def postgres(postgres_url) -> Iterator[psycopg.Connection]:
    """A connection of its own, with a schema that is dropped afterwards."""
    url = make_url(postgres_url).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(False), autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {SCHEMA}")
        connection.execute(
            f"""CREATE TABLE {SCHEMA}."Orders" (
                id int PRIMARY KEY, "Amount %" numeric, flag boolean, day date, moment timestamp,
                zoned timestamptz, tag uuid, doc jsonb, list int[], raw bytea, waited interval,
                iso text, nothing text)"""
        )
        connection.execute(
            f"""INSERT INTO {SCHEMA}."Orders" VALUES
                (2, 2.50, true, '2024-01-31', '2024-01-31 10:00', '2024-01-31 10:00+02',
                 '00000000-0000-0000-0000-000000000001', '{{"a": 1}}', '{{1,2}}', '\\x01ff',
                 '90 minutes', '2024-01-31', NULL),
                (1, 1.25, false, '9999-12-31', '2024-01-31', '2024-01-31 00:00+00',
                 '00000000-0000-0000-0000-000000000002', '[]', '{{}}', '\\x', '0', '2024-01-31',
                 NULL)"""
        )
        connection.execute(
            f"CREATE TABLE {SCHEMA}.numbers AS SELECT g AS a, g / 7.0::float8 AS b "
            "FROM generate_series(1, 50000) g"
        )
        yield connection
        connection.execute(f"DROP SCHEMA {SCHEMA} CASCADE")


@pytest.fixture
def open_postgres(postgres, postgres_url, open_source):
    """Return a function that opens a table or query of that server."""

    def open_postgres(table=None, url=postgres_url, **fields):
        return open_source("sql", url=url, table=table, **fields)

    return open_postgres


def test_types_of_the_database_become_those_of_a_frame(open_postgres):
    frame = open_postgres("Odd schema.Orders").read()
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == {
        "id": "int64", "Amount %": "float64", "flag": "bool", "day": "datetime64[us]",
        "moment": "datetime64[us]", "zoned": "datetime64[us, UTC]", "tag": "str", "doc": "str",
        "list": "str", "raw": "str", "waited": "timedelta64[us]", "iso": "str",
        "nothing": "float64",
    }  # fmt: skip
    assert frame["id"].tolist() == [1, 2]
    assert frame["zoned"][1] == pd.Timestamp("2024-01-31 08:00", tz="UTC")
    assert frame[["doc", "list", "raw"]].iloc[1].tolist() == ['{"a": 1}', "[1, 2]", "01ff"]


def test_columns_and_limit_are_pushed_down(open_postgres):
    frame = open_postgres("Odd schema.Orders").read(["Amount %", "id"], limit=1)
    assert frame.to_dict("list") == {"Amount %": [1.25], "id": [1]}


def test_chunks_are_the_rows_of_the_whole(open_postgres):
    reader = open_postgres("Odd schema.numbers")
    with reader.open_table() as table:
        chunks = list(table.chunks(20_000))
    assert [len(chunk) for chunk in chunks] == [20_000, 20_000, 10_000]
    assert pd.concat(chunks).equals(reader.read())


def test_the_database_is_left_before_the_rows_are_worked_on(open_postgres, postgres):
    with open_postgres("Odd schema.numbers").open_table(), postgres.transaction():
        postgres.execute("SET LOCAL lock_timeout = '2s'")
        postgres.execute(f"LOCK TABLE {SCHEMA}.numbers IN ACCESS EXCLUSIVE MODE")


def test_a_query_is_sent_as_it_is(open_postgres):
    query = """SELECT a::int, 'x:y %s %' AS "t" FROM "Odd schema".numbers WHERE 'x' LIKE '%'"""
    assert open_postgres(query=query).read(limit=1)["t"].tolist() == ["x:y %s %"]


@pytest.mark.parametrize(
    "query",
    [
        'WITH gone AS (DELETE FROM "Odd schema".numbers RETURNING a) SELECT * FROM gone',
        "SELECT set_config('transaction_read_only', 'off', false)",
        "SELECT lo_create(0)",
    ],
)
def test_nothing_can_be_written(open_postgres, postgres, query):
    with pytest.raises(SourceError, match=r"read-only|data-modifying|read-write"):
        open_postgres(query=query).read()
    count = postgres.execute(f"SELECT count(*) FROM {SCHEMA}.numbers").fetchone()
    assert count == (50_000,)


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ({"table": "Odd schema.Order"}, "no such table: did you mean `Orders`"),
        ({"table": "none_of_these"}, "no such table"),
        ({"query": "SELECT amout FROM pg_class"}, 'column "amout" does not exist'),
        ({"query": "SELECT 1 AS a, 2 AS a"}, "more than one column is named `a`"),
        ({"query": "SELECT 1/0 AS a"}, "division by zero"),
    ],
)
def test_a_wrong_statement_says_what_is_wrong(open_postgres, source, problem):
    with pytest.raises(SourceError, match=problem) as caught:
        open_postgres(**source).read()
    assert "DECLARE" not in str(caught.value)
    assert not isinstance(caught.value, TransientSourceError)


def test_a_statement_without_end_is_ended(open_postgres):
    with pytest.raises(SourceError, match=r"took longer than 0\.1 s: narrow it"):
        open_postgres(query="SELECT pg_sleep(9)", limits=ReadLimits(timeout_seconds=0.1)).read()


def test_a_query_that_lifts_the_timeout_is_ended_all_the_same(open_postgres):
    query = (
        "SELECT CASE g WHEN 1 THEN set_config('statement_timeout', '0', true) "
        "WHEN 15000 THEN pg_sleep(9)::text END AS a FROM generate_series(1, 20000) g"
    )
    with pytest.raises(SourceError, match=r"took longer than 0\.5 s: narrow it"):
        open_postgres(query=query, limits=ReadLimits(timeout_seconds=0.5)).read()


@pytest.mark.parametrize(
    "text", [r"E'\''", r"E'\\\''", "'a'", "$$'$$", "$a$;$a$", '"', "/* ' */ 1"]
)
def test_a_second_statement_is_never_run(postgres, postgres_url, text):
    query = f"SELECT {text}; COMMIT; CREATE TABLE {SCHEMA}.left_behind (a int); --'"
    config = SqlConfig.model_construct(url=postgres_url, query=query)  # past the early check
    with pytest.raises(SourceError):
        SqlReader(config, ReadLimits(), SecretResolver()).read()
    assert postgres.execute(f"SELECT to_regclass('{SCHEMA}.left_behind')").fetchone() == (None,)


def test_a_function_that_writes_cannot(open_postgres, postgres):
    postgres.execute(
        f"""CREATE OR REPLACE FUNCTION {SCHEMA}.add() RETURNS int LANGUAGE sql VOLATILE AS
            'INSERT INTO {SCHEMA}.numbers VALUES (0, 0) RETURNING a'"""
    )
    postgres.execute(f"CREATE SEQUENCE IF NOT EXISTS {SCHEMA}.counter")
    for call in (
        f"{SCHEMA}.add()",
        f"nextval('{SCHEMA}.counter')",
        "lo_create(0)",
        "set_config('transaction_read_only', 'off', true)",
        "set_config('transaction_read_only', 'off', false)",
    ):
        with pytest.raises(SourceError, match=r"read-only|read-write"):
            open_postgres(query=f"SELECT {call} AS a").read()


def test_hostile_names_are_names(open_postgres, postgres):
    column = 'a"; DROP TABLE x; --%s :b'
    quoted = column.replace('"', '""')
    postgres.execute(f'CREATE TABLE {SCHEMA}."t""; --%" ("{quoted}" int PRIMARY KEY)'.encode())
    postgres.execute(f'INSERT INTO {SCHEMA}."t""; --%" VALUES (1)'.encode())
    frame = open_postgres('Odd schema.t"; --%').read([column])
    assert frame.to_dict("list") == {column: [1]}
    with pytest.raises(SourceError, match="no such table"):
        open_postgres("Odd schema.numbers; SELECT 1").read()


def test_a_server_that_is_not_there_may_be_tried_again(open_postgres):
    for host in ("127.0.0.1:1", "no-such-host.invalid"):
        with pytest.raises(TransientSourceError, match=r"connect|resolve"):
            open_postgres("t", url=f"postgresql://u@{host}/db").read()


def test_a_server_that_refuses_is_not_tried_again(open_postgres, postgres_url):
    url = make_url(postgres_url).set(database="no_such_database")
    with pytest.raises(SourceError, match='database "no_such_database" does not exist') as caught:
        open_postgres("t", url=url.render_as_string(False)).read()
    assert not isinstance(caught.value, TransientSourceError)


def test_a_connection_that_is_cut_may_be_tried_again(open_postgres):
    suicide = (
        "SELECT CASE i WHEN 40000 THEN pg_terminate_backend(pg_backend_pid())::int ELSE i END "
        "FROM generate_series(1, 50000) i"
    )
    with pytest.raises(TransientSourceError, match="terminat"):
        open_postgres(query=suicide).read()


def test_a_password_is_resolved_when_read_and_never_shown(
    open_postgres, postgres_url, monkeypatch, caplog
):
    address = make_url(postgres_url)
    place = f"{address.host}:{address.port}"
    monkeypatch.setenv("ORDERS_PASSWORD", "hunter2@/:%")
    good = open_postgres(
        query="SELECT 1 AS a", url=f"postgresql://vigil:{{env:ORDERS_PASSWORD}}@{place}/postgres"
    )
    bad = open_postgres(
        query="SELECT 1 AS a", url=f"postgresql://nobody:{{env:ORDERS_PASSWORD}}@{place}/hunter2"
    )
    with caplog.at_level("DEBUG"):
        assert good.read()["a"].tolist() == [1]
        with pytest.raises(SourceError) as caught:
            bad.read()
    shown = "".join(traceback.format_exception(caught.value)) + caplog.text + repr(good)
    assert "hunter2@" not in shown
    assert "hunter2%40" not in shown


def test_an_address_that_is_a_secret_as_a_whole_is_never_shown(open_postgres, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:hunter2@127.0.0.1:1/db")
    with pytest.raises(TransientSourceError, match=r"table t of {env:DATABASE_URL}") as caught:
        open_postgres("t", url="{env:DATABASE_URL}").read()
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))
