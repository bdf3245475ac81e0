"""The same table reads the same, whatever it was stored in."""

import csv
import json
import sqlite3
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from sources.base import ReadLimits
from sources.config import parse_source_config
from sources.readers import open_reader
from sources.secrets import SecretResolver

# A word before the text, because CSV has no other way to tell "1" or "true" from 1 or true.
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"])).map("text {}".format)
# CSV reads fractions of seconds as nanoseconds, which end in 2262.
times = st.datetimes(datetime(1700, 1, 1), datetime(2200, 1, 1))
kinds = {
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.float64(): st.floats(allow_nan=False),
    pa.bool_(): st.booleans(),
    pa.string(): texts,
    pa.timestamp("us"): times,
}


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    """Tables of a few rows; each column has a value, which is what tells most formats its type."""
    rows = draw(st.integers(1, 6))
    names = draw(st.lists(texts, min_size=1, max_size=4, unique=True))
    columns = []
    for _ in names:
        kind, values = draw(st.sampled_from(list(kinds.items())))
        column = draw(st.lists(st.none() | values, min_size=rows, max_size=rows))
        columns.append(pa.array([draw(values), *column[1:]], kind))
    return pa.table(columns, names=names)


def plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def write_csv(table: pa.Table, path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(table.column_names)
        for record in table.to_pylist():
            writer.writerow([plain(value) for value in record.values()])


def write_jsonl(table: pa.Table, path: Path) -> None:
    records = [
        {name: plain(value) for name, value in record.items()} for record in table.to_pylist()
    ]
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")


def write_sqlite(table: pa.Table, path: Path) -> None:
    connection = sqlite3.connect(path)
    names = ", ".join('"' + name.replace('"', '""') + '"' for name in table.column_names)
    marks = ", ".join("?" for _ in table.column_names)
    connection.execute(f"CREATE TABLE t ({names})")
    rows = [[plain(value) for value in record.values()] for record in table.to_pylist()]
    connection.executemany(f"INSERT INTO t VALUES ({marks})", rows)
    connection.commit()
    connection.close()


def read(kind: str, **fields: object) -> pd.DataFrame:
    return open_reader(parse_source_config(kind, fields), ReadLimits(), SecretResolver()).read()


@settings(max_examples=40, deadline=None)
@given(tables())
def test_a_table_reads_the_same_from_every_format(table):
    with TemporaryDirectory() as folder:
        path = Path(folder)
        parquet.write_table(table, path / "a.parquet")
        write_csv(table, path / "a.csv")
        write_jsonl(table, path / "a.jsonl")
        write_sqlite(table, path / "a.db")
        expected = read("parquet", path=str(path / "a.parquet"))
        pd.testing.assert_frame_equal(read("csv", path=str(path / "a.csv")), expected)
        pd.testing.assert_frame_equal(read("jsonl", path=str(path / "a.jsonl")), expected)
        stored = read("sql", url=f"sqlite:///{path / 'a.db'}", table="t")
        booleans = expected.select_dtypes("bool").columns
        numbers = expected.astype(dict.fromkeys(booleans, "int64"))  # SQLite has no booleans
        pd.testing.assert_frame_equal(stored, numbers)
