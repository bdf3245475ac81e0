"""A table reads the same in chunks, from memory or from disk, as it does as a whole."""

import errno
import json
import os
import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from sources import csv_text, records, sql_reader
from sources.base import ReadLimits
from sources.config import parse_source_config
from sources.errors import SourceError
from sources.readers import open_reader
from sources.secrets import SecretResolver
from tests.sources.conftest import TINY

# Of each kind of value that a file of text may hold, and some that need a wider type than it.
words = st.sampled_from(
    [
        "", "NA", "0", "1", "-7", "9223372036854775807", "9223372036854775808", "true", "false",
        "1.5", "1e5", "inf", "007", "2024-01-31", "2024-02-01", "10:00", "10:00:01",
        "2024-01-31 10:00:00", "2024-01-31T10:00:00.25", "2024-01-31T10:00:00Z",
        "2024-01-31T10:00:00.5Z", "2024-01-31T10:00:00+01:00", "text", " 1", "é",
    ]
)  # fmt: skip
values = st.sampled_from(
    [None, True, 1, -7, 2**53 + 1, 2**70, 1.5, "1", "text", "2024-01-31", "2024-01-31T10:00:00",
     "2024-01-31T10:00:00.123456789", "2024-01-31T10:00:00Z", [1, 2]]
)  # fmt: skip
stored = values.filter(lambda value: value != 2**70 and not isinstance(value, list))


def columns_of(cells: st.SearchStrategy[object]) -> st.SearchStrategy[list[list[object]]]:
    """Columns of equal length, many of whose values come again and again."""
    column = st.lists(cells, min_size=1, max_size=3).flatmap(
        lambda some: st.lists(st.sampled_from(some), min_size=30, max_size=30)
    )
    return st.lists(column, min_size=1, max_size=3)


def reader_of(kind: str, limits: ReadLimits, **fields: object):
    return open_reader(parse_source_config(kind, fields), limits, SecretResolver())


def assert_same_in_chunks(kind: str, size: int, **fields: object) -> None:
    expected = reader_of(kind, ReadLimits(), **fields).read()
    with reader_of(kind, TINY, **fields).open_table() as table:
        pd.testing.assert_frame_equal(table.whole(), expected)
        assert len(table) == len(expected)
        assert table.columns == tuple(expected.columns)
        for _ in range(2):
            first = 0
            for chunk in table.chunks(size):
                assert chunk.index.equals(pd.RangeIndex(first, first + len(chunk)))
                same = expected.iloc[first : first + len(chunk)]
                pd.testing.assert_frame_equal(chunk, same, check_dtype=False)
                first += len(chunk)
            assert first == len(expected)


@settings(max_examples=60, deadline=None)
@given(columns_of(words), st.integers(1, 40))
def test_csv_blocks_have_the_types_of_the_whole_file(columns, size):
    lines = [",".join(row) for row in zip(*columns, strict=True)]
    header = ",".join(f"c{place}" for place in range(len(columns)))
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = Path(folder, "a.csv")
        path.write_text("\n".join([f"{header},last", *(f"{line},x" for line in lines)]), "utf-8")
        expected = reader_of("csv", ReadLimits(), path=str(path)).read()
        patch.setattr(csv_text, "BLOCK", 100)
        with reader_of("csv", TINY, path=str(path)).open_table() as table:
            pd.testing.assert_frame_equal(table.whole(), expected)
            chunks = list(table.chunks(size))
        assert [len(chunk) for chunk in chunks[:-1]] == [size] * (len(chunks) - 1)
        pd.testing.assert_frame_equal(pd.concat(chunks), expected, check_dtype=False)


@settings(max_examples=40, deadline=None)
@given(columns_of(values), st.integers(1, 40))
def test_json_lines_have_the_types_of_the_whole_file(columns, size):
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = Path(folder, "a.jsonl")
        rows = [dict(enumerate(row)) for row in zip(*columns, strict=True)]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        patch.setattr(records, "_BATCH", 7)
        assert_same_in_chunks("jsonl", size, path=str(path))


@settings(max_examples=40, deadline=None)
@given(columns_of(stored), st.integers(1, 40))
def test_sqlite_rows_have_the_types_of_the_whole_table(columns, size):
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = Path(folder, "a.db")
        connection = sqlite3.connect(path)
        names = ", ".join(f"c{place}" for place in range(len(columns)))
        connection.execute(f"CREATE TABLE t ({names})")
        marks = ", ".join("?" * len(columns))
        connection.executemany(f"INSERT INTO t VALUES ({marks})", zip(*columns, strict=True))
        connection.commit()
        connection.close()
        patch.setattr(sql_reader, "_BATCH", 7)
        assert_same_in_chunks("sql", size, url=f"sqlite:///{path}", table="t")


@pytest.fixture
def lake(tmp_path):
    """Files of several row groups, of columns and types that differ, below folders with keys."""
    frames = {
        "day=1/a": pa.table({"x": pa.array([1, 2, 3, 4, 5], pa.int32()), "only": list("abcde")}),
        "day=2/a": pa.table({"x": [6.5, None, 8.0]}),
        "day=2/b": pa.table({"x": pa.array([], pa.float64())}),
        "day=3/a": pa.table({"x": pa.array([9, 10], pa.int64()), "flag": [True, None]}),
    }
    for name, table in frames.items():
        path = tmp_path / "lake" / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        parquet.write_table(table, path, row_group_size=2)
    return tmp_path / "lake"


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_row_groups_have_the_types_of_the_whole_folder(lake, size):
    assert_same_in_chunks("parquet", size, path=str(lake))


def test_row_groups_can_be_read_from_any_start(lake, open_source):
    with open_source("parquet", path=str(lake)).open_table(["x", "day"]) as table:
        starts = table.starts
        assert table.is_shared
        ends = [*starts[1:], len(table)]
        parts = [
            pd.concat(table.chunks(2, first, last))
            for first, last in zip(starts, ends, strict=True)
            if last > first
        ]
        pd.testing.assert_frame_equal(pd.concat(parts), table.whole(), check_dtype=False)


def test_only_the_columns_wanted_are_read_in_chunks(tmp_path, open_source):
    path = tmp_path / "a.csv"
    path.write_text("a,b,c\n1,2,3\n4,5,6\n")
    for limits in (ReadLimits(), TINY):
        with open_source("csv", path=str(path), limits=limits).open_table(["c", "a"]) as table:
            assert table.columns == ("c", "a")
            assert [len(chunk.columns) for chunk in table.chunks(1)] == [2, 2]


def test_a_quote_that_is_never_closed_is_found_at_the_end_of_a_stream(tmp_path, open_source):
    path = tmp_path / "a.csv"
    path.write_text('a,b\n1,x\n2,"y\n3,z\n')
    with pytest.raises(SourceError, match="opened in row 3 is never closed"):
        open_source("csv", path=str(path), limits=TINY).open_table().__enter__()


def test_text_that_does_not_decode_says_so_in_a_stream_too(tmp_path, open_source):
    path = tmp_path / "a.csv"
    for rows_before in (0, 2_000_000):
        path.write_bytes(
            b"a,b\n" + b"1,x\n" * rows_before + b"1,\xff\xfe\n" * (2 + rows_before // 90)
        )
        with pytest.raises(SourceError, match="column `b` is not utf-8"):
            open_source("csv", path=str(path), limits=TINY).open_table().__enter__()


def test_a_large_table_is_on_disk_and_not_in_memory(tmp_path, open_source):
    path = tmp_path / "a.csv"
    pd.DataFrame(np.random.default_rng(0).normal(size=(400_000, 4))).to_csv(path, index=False)
    limits = ReadLimits(memory_cells=100_000, spool_folder=tmp_path)
    before = pa.total_allocated_bytes()
    with open_source("csv", path=str(path), limits=limits).open_table() as table:
        assert pa.total_allocated_bytes() - before < 1_000_000
        assert sum(len(chunk) for chunk in table.chunks(10_000)) == 400_000
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.csv"]


def test_a_full_disk_is_named_with_what_to_do(tmp_path, open_source):
    path = tmp_path / "a.csv"
    path.write_text("a\n1\n2\n")
    for folder, reason in ((tmp_path / "gone", os.strerror(errno.ENOENT)), (path, "irectory")):
        limits = ReadLimits(memory_cells=0, spool_folder=folder)
        with pytest.raises(SourceError, match=rf"{folder} .*{reason}.*VIGIL_SPOOL_FOLDER"):
            open_source("csv", path=str(path), limits=limits).open_table().__enter__()


def test_what_goes_wrong_while_rows_are_worked_on_is_no_error_of_the_source(lake, open_source):
    def work() -> None:
        with open_source("parquet", path=str(lake)).open_table() as table:
            for _ in table.chunks(1):
                raise OSError("mine")

    with pytest.raises(OSError, match="mine"):
        work()


def test_a_file_that_is_cut_off_between_two_reads_is_an_error_of_the_source(tmp_path, open_source):
    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"a": range(10_000)}), path, row_group_size=1000)
    with open_source("parquet", path=str(path)).open_table() as table:
        list(table.chunks(500))
        path.write_bytes(path.read_bytes()[:9000])
        with pytest.raises(SourceError, match="cannot be read as Parquet"):
            list(table.chunks(500))
