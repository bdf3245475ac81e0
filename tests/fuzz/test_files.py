"""Malformed files end in a table that holds all of their rows, or in a named error."""

import csv
import gzip
import io
import json
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from pyarrow import parquet

from sources.bad_rows import BadRows
from sources.base import ReadLimits
from sources.config import parse_source_config
from sources.errors import SourceError
from sources.readers import open_reader
from sources.secrets import SecretResolver
from tests.fuzz.mutations import fuzzed, mutated

LIMITS = ReadLimits(max_bytes=50_000_000)
ON_DISK = replace(LIMITS, memory_cells=0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


def read(folder, kind, content, suffix="", **fields):
    """The table in a file of this content; None where it is a named error.

    Its attribute ``left_out`` is the number of rows that could not be read.
    """
    path = folder / f"input.{kind}{suffix}"
    path.write_bytes(content)
    config = parse_source_config(kind, {"path": str(path), **fields})
    bad = BadRows(config.place)
    reader = open_reader(config, LIMITS, SecretResolver(), bad=bad)
    try:
        frame = reader.read()
    except SourceError as raised:
        error = str(raised)
        frame = None
    if frame is None:
        assert str(path) in error
        assert len(error) < 5000
        return None
    assert isinstance(frame.index, pd.RangeIndex)
    frame.attrs["left_out"] = bad.n_left_out
    assert bad.n_left_out <= max(1, (len(frame) + 1) // 99)
    with open_reader(config, ON_DISK, SecretResolver()).open_table() as table:
        assert sum(len(chunk) for chunk in table.chunks(2)) == len(frame)
    return frame


CSV = [
    b"id,amount,city\n1,2.5,Bonn\n2,,K\xc3\xb6ln\n3,1e3,Ulm\n",
    b'id,note\r\n1,"a, ""quoted"" text"\r\n2,"two\nlines"\r\n3,\r\n',
    b"at,flag,n\n2024-01-31,true,9223372036854775807\n2024-02-01T10:00:00Z,false,-1\n",
    b"a\n1\n2\n3\n4",
    b"a;b\n1;2\n3;4\n",
    b'"a","b"\n"1","2"\n',
]


def csv_rows(content):
    """Header and rows by the standard library, strict; None where it finds fault."""
    try:
        text = content.decode("utf-8-sig")
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except (UnicodeDecodeError, csv.Error):
        return None
    return rows


@fuzzed(700)
@given(content=mutated(CSV))
def test_csv(folder, content):
    frame = read(folder, "csv", content)
    rows = csv_rows(content)
    if frame is None or rows is None:
        return
    ragged = sum(len(row) != frame.shape[1] for row in rows)
    assert ragged <= frame.attrs["left_out"] <= ragged + content.count(b"\0")
    assert len(frame) + frame.attrs["left_out"] == len(rows) - 1


@fuzzed(200)
@given(content=mutated([gzip.compress(text, mtime=0) for text in CSV]))
def test_packed_csv(folder, content):
    frame = read(folder, "csv", content, ".gz")
    if frame is not None:
        rows = csv_rows(gzip.decompress(content))
        assert rows is None or len(frame) + frame.attrs["left_out"] == len(rows) - 1


JSON = [
    b'[{"id": 1, "a": 2.5}, {"id": 2, "a": null, "b": "x"}]',
    '[{"at": "2024-01-31", "city": "Köln", "tags": [1, {"a": 2}]}, {"at": null}]'.encode(),
    b'[\n  {"flag": true},\n  {"flag": 1},\n  {"flag": 12345678901234567890}\n]\n',
    b'[{"a": "2024-01-31T10:00:00Z"}, {"a": "2024-01-31T10:00:00.123456789+02:00"}]',
    b"[]",
]


def parsed(text):
    with suppress(ValueError, RecursionError):
        try:
            return json.loads(text)
        except UnicodeDecodeError:
            return json.loads(text.decode("utf-8-sig", "surrogateescape"))
    return None


def holds_what_cannot_be_kept(content):
    text = content.decode("utf-8", "replace")
    return "\\u" in text or "\0" in text or "\ufffd" in text


def are_records(value):
    """Whether the value is a list of objects, with anything in them."""
    return (
        isinstance(value, list)
        and all(isinstance(record, dict) for record in value)
        and (not value or any(value))
    )


@fuzzed(500)
@given(content=mutated(JSON))
def test_json(folder, content):
    frame = read(folder, "json", content)
    records = parsed(content)
    if frame is not None:
        objects = [record for record in records if isinstance(record, dict)]
        assert len(frame) + frame.attrs["left_out"] == len(records)
        assert len(frame) <= len(objects)
        names = list(dict.fromkeys(key for one in objects for key in one))
        assert list(frame.columns) == names or frame.attrs["left_out"] > len(records) - len(objects)
    elif are_records(records):
        assert holds_what_cannot_be_kept(content)


JSON_LINES = [
    b'{"id": 1, "a": 2.5}\n{"id": 2, "a": null}\n{"id": 3}\n',
    '{"city": "Köln", "at": "2024-01-31"}\r\n\r\n{"city": "Bonn", "at": "x"}'.encode(),
    b'{"a": [1, 2]}\n{"a": {"b": 1}}\n{"a": "text"}\n{"a": false}\n',
]


@fuzzed(500)
@given(content=mutated(JSON_LINES))
def test_json_lines(folder, content):
    frame = read(folder, "jsonl", content)
    records = [parsed(line) for line in content.split(b"\n") if line.strip()]
    if frame is not None:
        assert len(frame) + frame.attrs["left_out"] == len(records)
        assert len(frame) <= sum(isinstance(record, dict) for record in records)
    elif content and are_records(records):
        assert holds_what_cannot_be_kept(content)


def parquet_bytes(table, **options):
    file = io.BytesIO()
    parquet.write_table(table, file, **options)
    return file.getvalue()


TABLE = pa.table(
    {
        "id": range(50),
        "x": np.linspace(0, 1, 50),
        "city": ["Bonn", "Köln", None, "Ulm", ""] * 10,
        "at": [datetime(2024, 1, 1)] * 50,
        "tags": [[1], [], None, [2, 3], [4]] * 10,
    }
)
PARQUET = [
    parquet_bytes(TABLE),
    parquet_bytes(TABLE, compression="zstd", row_group_size=7),
    parquet_bytes(TABLE, compression="none", use_dictionary=False, data_page_version="2.0"),
    parquet_bytes(TABLE.select(["id"]), compression="gzip", write_statistics=False),
]


@fuzzed(500)
@given(content=mutated(PARQUET, ends=300))
def test_parquet(folder, content):
    frame = read(folder, "parquet", content)
    if frame is not None:
        assert len(frame) == parquet.ParquetFile(io.BytesIO(content)).metadata.num_rows
