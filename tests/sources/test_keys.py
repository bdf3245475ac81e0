"""A key is what stands in the source, alike in every reader and poller."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet
from sqlalchemy import create_engine, text

from sources.columns import key_name
from tests.sources.conftest import QUICK, TINY
from tests.sources.following import poll_all

BERLIN = timezone(timedelta(hours=2))

# What stands in a text file, and is a key.
WRITTEN = [
    *("000350", "350", "+7", "7", "-0", "0", "00007", "0210e60", "1e5", "1E5", "100000"),
    *("1.50", "1.5", "1.500000000000000000000000001", ".5", "1e400", "nan", "NaN", "inf"),
    *("17000000000000000000", "17000000000000000001", "9007199254740993", "9007199254740992"),
    *("2026-08-05", "2026-08-05 00:00:00", "2026-08-05T00:00:00Z", "05.08.2026", "07:30"),
    *("true", "True", "FALSE", "f", "NA", "null", "N/A", "None", " 7", "7 ", "0x1F", "1_000"),
    *("€ 5", "a,b", 'say "x"', "k" * 600),
]
NUMBERS = [
    *("1.10", "1.1", "1E5", "1e5", "100000", "100000.0", "-0", "0", "-0.0", "0.0", "1e400"),
    *("17000000000000000000", "17000000000000000001", "-9223372036854775809"),
    *("9007199254740993", "9007199254740993.0", "1.500000000000000000000000001"),
]


@dataclass
class Kept:
    """A source with keys, and the texts that they are."""

    kind: str
    fields: dict[str, Any]
    keys: list[str | None]
    key: tuple[str, ...] = field(default=("id",))


def as_csv(folder: Path, _: Any) -> Kept:
    quoted = [
        '"' + key.replace('"', '""') + '"' if set(key) & set(',"') else key for key in WRITTEN
    ]
    lines = [f"{key},{number}" for number, key in enumerate([*quoted, ""])]
    (folder / "rows.csv").write_text("\n".join(["id,n", *lines, ""]), encoding="utf-8")
    return Kept("csv", {"path": str(folder / "rows.csv")}, [*WRITTEN, None])


def json_rows() -> list[str]:
    rows = [f'{{"id": {number}, "n": {place}}}' for place, number in enumerate(NUMBERS)]
    rows += [json.dumps({"id": key, "n": 1}) for key in WRITTEN]
    return [
        *rows,
        '{"id": true, "n": 1}',
        '{"id": null, "n": 1}',
        '{"n": 1}',
        '{"id": NaN, "n": 1}',
    ]


JSON_KEYS = [*NUMBERS, *WRITTEN, "true", None, None, None]


def as_json_lines(folder: Path, _: Any) -> Kept:
    (folder / "rows.jsonl").write_text("\n".join([*json_rows(), ""]), encoding="utf-8")
    return Kept("jsonl", {"path": str(folder / "rows.jsonl")}, JSON_KEYS)


def as_json(folder: Path, _: Any) -> Kept:
    (folder / "rows.json").write_text(f"[{','.join(json_rows())}]", encoding="utf-8")
    return Kept("json", {"path": str(folder / "rows.json")}, JSON_KEYS)


def as_http(folder: Path, server: Any) -> Kept:
    server.answer("/rows", body=f"[{','.join(json_rows())}]".encode())
    return Kept("http", {"url": server.url + "/rows"}, JSON_KEYS)


def as_sqlite(folder: Path, _: Any) -> Kept:
    held: list[tuple[Any, str | None]] = [
        *((key, key) for key in WRITTEN),
        (2**63 - 1, str(2**63 - 1)),
        (2**53 + 1, str(2**53 + 1)),
        (0.1, "0.1"),
        (7.0, "7.0"),
        (1e22, "1e+22"),
        (b"\xff\x00", r"\xff00"),
        (b"ab", "ab"),
        (None, None),
    ]
    with sqlite3.connect(folder / "rows.db") as connection:
        connection.execute("create table t (n integer primary key, id)")
        rows = [(number, value) for number, (value, _) in enumerate(held)]
        connection.executemany("insert into t values (?, ?)", rows)
    fields = {"url": f"sqlite:///{folder / 'rows.db'}", "table": "t"}
    return Kept("sql", fields, [key for _, key in held])


COLUMNS: dict[str, tuple[pa.DataType, list[Any], list[str | None]]] = {
    "int64": (
        pa.int64(),
        [2**63 - 1, None, 2**53 + 1, 0],
        [str(2**63 - 1), None, str(2**53 + 1), "0"],
    ),
    "uint64": (pa.uint64(), [2**64 - 1, None], [str(2**64 - 1), None]),
    "bool": (pa.bool_(), [True, None, False], ["true", None, "false"]),
    "decimal": (
        pa.decimal128(38, 10),
        [Decimal("1234567890123456789012345678.0000000001"), None, Decimal("1.5")],
        ["1234567890123456789012345678.0000000001", None, "1.5000000000"],
    ),
    "small": (pa.decimal128(20, 10), [Decimal("0.0000000001")], ["0.0000000001"]),
    "wide": (pa.decimal256(60, 2), [Decimal(f"{10**50}.25")], [f"{10**50}.25"]),
    "float": (pa.float64(), [7.0, None, 0.1, -0.0, 1e22], ["7.0", None, "0.1", "-0.0", "1e+22"]),
    "float32": (pa.float32(), [0.1, None], ["0.1", None]),
    "dictionary": (pa.dictionary(pa.int8(), pa.string()), ["007", None], ["007", None]),
    "uuid": (
        pa.uuid(),
        [UUID(int=255).bytes],
        ["00000000-0000-0000-0000-0000000000ff"],
    ),
    "binary": (
        pa.binary(),
        [b"\xff\x01", None, b"a7", rb"\xff01"],
        [r"\xff01", None, "a7", r"\x5c7866663031"],
    ),
    "date": (pa.date32(), [date(2026, 8, 5), None], ["2026-08-05", None]),
    "naive": (pa.timestamp("ms"), [datetime(2026, 8, 5), None], ["2026-08-05T00:00:00", None]),
    "zoned": (
        pa.timestamp("us", "Europe/Berlin"),
        [datetime(2026, 8, 5, 2, 0, 0, 500000, BERLIN)],
        ["2026-08-05T00:00:00.500000+00:00"],
    ),
    "nanoseconds": (
        pa.timestamp("ns"),
        [1, 1000, 10**9],
        ["1970-01-01T00:00:00.000000001", "1970-01-01T00:00:00.000001", "1970-01-01T00:00:01"],
    ),
    "far": (pa.timestamp("us"), [10**18], ["1000000000000000000"]),
    "time": (pa.time64("us"), [time(7, 30)], ["07:30:00"]),
    "text": (pa.large_string(), ["+7", None], ["+7", None]),
    "view": (pa.string_view(), ["+7", None], ["+7", None]),
    "half": (pa.float16(), [np.float16(0.1)], ["0.0999755859375"]),
    "list": (pa.list_(pa.int64()), [[1, 2], None], ["[1, 2]", None]),
}


def as_parquet(column: str) -> Callable[[Path, Any], Kept]:
    def write(folder: Path, _: Any) -> Kept:
        kind, held, keys = COLUMNS[column]
        array = pa.array(held, kind.storage_type if column == "uuid" else kind)
        if column == "uuid":
            array = kind.wrap_array(array)
        table = pa.table({"id": array, "n": pa.array(range(len(held)))})
        (folder / "rows").mkdir()
        parquet.write_table(table, folder / "rows" / "part-0.parquet")
        return Kept("parquet", {"path": str(folder / "rows")}, keys)

    return write


SOURCES = {
    "csv": as_csv,
    "jsonl": as_json_lines,
    "json": as_json,
    "http": as_http,
    "sqlite": as_sqlite,
    **{f"parquet {name}": as_parquet(name) for name in COLUMNS},
}


@pytest.fixture(params=SOURCES)
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    server = request.getfixturevalue("http_server") if request.param == "http" else None
    return SOURCES[request.param](tmp_path, server)


def listed(column: pd.Series) -> list[str | None]:
    return [
        None if missing else value for value, missing in zip(column, column.isna(), strict=True)
    ]


def check_every_way(
    kept: Kept, open_source: Any, open_poll: Any, cursor: str | None = None
) -> None:
    """The keys are the same whole, in part, in chunks in memory and on disk, and polled."""
    reader = open_source(kept.kind, key_columns=("id",), **kept.fields)
    assert listed(reader.read()["id"]) == kept.keys
    assert listed(reader.read(["n"])["id"]) == kept.keys
    assert listed(reader.read(limit=3)["id"]) == kept.keys[:3]
    for limits in (QUICK, TINY):
        opened = open_source(kept.kind, limits=limits, key_columns=("id",), **kept.fields)
        with opened.open_table() as table:
            assert listed(table.whole()["id"]) == kept.keys
            chunks = list(table.chunks(2))
        assert [key for chunk in chunks for key in listed(chunk["id"])] == kept.keys
    if kept.kind == "json":  # does not grow
        return
    poller = open_poll(kept.kind, key_columns=("id",), cursor_column=cursor, **kept.fields)
    pages, _ = poll_all(poller, limit=2)
    polled = [key for page in pages for key in listed(page.rows["id"])]
    assert polled == kept.keys


def test_a_key_is_what_stands_in_the_source(kept, open_source, open_poll):
    check_every_way(kept, open_source, open_poll, "n" if kept.kind == "sql" else None)


def test_keys_of_postgres_are_what_stands_there(postgres_url, open_source, open_poll):
    columns = {
        "bigint": (["9223372036854775807", None, "9007199254740993"],) * 2,
        "numeric": (["1.50", "1.5", None, "17000000000000000000.0000000001"],) * 2,
        "numeric(38,10)": (["0.0000000001", None], ["0.0000000001", None]),
        "uuid": (["00000000-0000-0000-0000-0000000000ff"],) * 2,
        "bytea": ([r"\xff00"], [r"\xff00"]),
        "date": (["2026-08-05", "infinity", "0044-03-15 BC", None],) * 2,
        "timestamptz": (
            ["2026-08-05 02:00:00+02", "infinity", "-infinity", None],
            ["2026-08-05T00:00:00+00:00", "infinity", "-infinity", None],
        ),
        "boolean": (["true", None], ["true", None]),
        "text": (["007", "+7", "NA", "", None],) * 2,
        "interval": (["1 day"], ["1 day, 0:00:00"]),
        "inet": (["10.0.0.1"], ["10.0.0.1"]),
    }
    engine = create_engine(postgres_url)
    for number, (kind, (held, keys)) in enumerate(columns.items()):
        with engine.begin() as connection:
            connection.execute(
                text(f"create table keys_{number} (n serial primary key, id {kind})")
            )
            for value in held:
                statement = text(f"insert into keys_{number} (id) values (cast(:v as {kind}))")
                connection.execute(statement, {"v": value})
        fields = {"url": postgres_url, "table": f"keys_{number}"}
        check_every_way(Kept("sql", fields, keys), open_source, open_poll, "n")
    engine.dispose()


@pytest.mark.parametrize("name", ["csv", "jsonl", "sqlite", "parquet int64", "parquet decimal"])
def test_a_key_that_is_watched_is_a_number_with_its_text_beside_it(
    name, tmp_path, open_source, open_poll
):
    texts = ["007", "8.50", "", "9007199254740993"]
    numbers = [7.0, 8.5, None, 9007199254740992.0]
    if name == "csv":
        (tmp_path / "rows.csv").write_text("id,n\n" + "".join(f"{key},1\n" for key in texts))
        kept = Kept("csv", {"path": str(tmp_path / "rows.csv")}, [*texts[:2], None, texts[3]])
    elif name == "jsonl":
        rows = ["8.50", "null", "1E2"]
        lines = "".join(f'{{"id": {key}, "n": 1}}\n' for key in rows)
        (tmp_path / "rows.jsonl").write_text(lines)
        kept = Kept("jsonl", {"path": str(tmp_path / "rows.jsonl")}, ["8.50", None, "1E2"])
        numbers = [8.5, None, 100.0]
    elif name == "sqlite":
        with sqlite3.connect(tmp_path / "rows.db") as connection:
            connection.execute("create table t (n integer primary key, id integer)")
            connection.executemany("insert into t (id) values (?)", [(2**53 + 1,), (None,), (7,)])
        fields = {"url": f"sqlite:///{tmp_path / 'rows.db'}", "table": "t"}
        kept = Kept("sql", fields, ["9007199254740993", None, "7"])
        numbers = [9007199254740992.0, None, 7.0]
    else:
        kept = as_parquet(name.removeprefix("parquet "))(tmp_path, None)
        numbers = [None if key is None else float(key) for key in kept.keys]
    opened = open_source(kept.kind, limits=TINY, key_columns=("id",), **kept.fields)
    with opened.open_table(["n", "id"]) as table:
        chunks = list(table.chunks(2))
    cursor = "n" if kept.kind == "sql" else None
    poller = open_poll(
        kept.kind, columns=("id",), key_columns=("id",), cursor_column=cursor, **kept.fields
    )
    pages, _ = poll_all(poller, limit=2)
    for frames in ([opened.read(["n", "id"])], chunks, [page.rows for page in pages]):
        frame = pd.concat(frames)
        assert listed(frame[key_name("id")]) == kept.keys
        held = frame["id"].astype(float)
        assert [None if np.isnan(value) else value for value in held] == numbers


def test_whole_numbers_beside_an_empty_cell_stay_apart(tmp_path, open_source):
    keys = [f"17{number:018d}" for number in range(300)]
    (tmp_path / "rows.csv").write_text("id,n\n" + "".join(f"{key},1\n" for key in [*keys, ""]))
    read = open_source("csv", key_columns=("id",), path=str(tmp_path / "rows.csv")).read()
    assert listed(read["id"]) == [*keys, None]
