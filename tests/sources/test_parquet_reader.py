import json
import uuid
from datetime import time
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from sources.base import ReadLimits
from sources.errors import SourceError


@pytest.fixture
def orders(tmp_path):
    """A file of 1000 rows in ten row groups."""
    path = tmp_path / "orders.parquet"
    table = pa.table({"id": range(1000), "amount": np.arange(1000) / 7, "kind": ["x", "y"] * 500})
    parquet.write_table(table, path, row_group_size=100)
    return path


def test_a_file_reads_as_it_was_written(orders, open_source):
    frame = open_source("parquet", path=str(orders)).read()
    assert [str(dtype) for dtype in frame.dtypes] == ["int64", "float64", "str"]
    assert frame["id"].tolist() == list(range(1000))
    assert frame.index.equals(pd.RangeIndex(1000))


def test_only_the_columns_wanted_are_decoded(orders, open_source):
    damaged = bytearray(orders.read_bytes())
    first = parquet.ParquetFile(orders).metadata.row_group(0)
    for column in range(2):  # `id` and `amount` can no longer be decoded
        start = first.column(column).dictionary_page_offset
        damaged[start : start + 20] = b"\xff" * 20
    orders.write_bytes(damaged)
    reader = open_source("parquet", path=str(orders))
    assert reader.read(["kind"])["kind"].tolist() == ["x", "y"] * 500
    with pytest.raises(SourceError, match=r"orders\.parquet: cannot be read"):
        reader.read(["amount"])


def test_a_limit_gives_the_first_rows(orders, open_source):
    assert open_source("parquet", path=str(orders)).read(limit=150)["id"].tolist() == [*range(150)]


def test_chunks_are_the_rows_of_the_whole(orders, open_source):
    reader = open_source("parquet", path=str(orders))
    with reader.open_table(["amount", "id"]) as table:
        chunks = list(table.chunks(60))
    assert max(len(chunk) for chunk in chunks) <= 60
    assert pd.concat(chunks).equals(reader.read(["amount", "id"]))


@pytest.mark.parametrize("row_group", [200_000, 4_000_000])
def test_chunks_keep_memory_bounded_also_within_a_row_group(tmp_path, open_source, row_group):
    path = tmp_path / "long.parquet"
    table = pa.table({"a": np.random.default_rng(0).normal(size=4_000_000)})
    parquet.write_table(table, path, row_group_size=row_group)
    size = table.nbytes
    del table
    before, held = pa.total_allocated_bytes(), []
    with open_source("parquet", path=str(path)).open_table() as rows:
        for chunk in rows.chunks(10_000):
            held.append(pa.total_allocated_bytes() - before)
            del chunk
    assert len(held) == 400
    assert max(held) < size / 4


def test_types_that_tables_do_not_share_become_plain(tmp_path, open_source):
    path = tmp_path / "odd.parquet"
    table = pa.table(
        {
            "decimal": [Decimal("1.50"), None],
            "category": pa.array(["x", "y"]).dictionary_encode(),
            "nested": [{"a": 1}, None],
            "binary": [b"\xff", b"a"],
            "old_text": [b"x", b"y"],
            "time": [time(12, 30), None],
            "uuid": pa.array([uuid.UUID(int=1).bytes] * 2, pa.binary(16)),
            "nanoseconds": pa.array([1, 2], pa.timestamp("ns")),
            "date": pa.array([0, 1], pa.date32()),
            "flag": [True, None],
            "none": pa.nulls(2),
        }
    )
    parquet.write_table(table, path)
    frame = open_source("parquet", path=str(path)).read()
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == {
        "decimal": "float64", "category": "str", "nested": "str", "binary": "str",
        "old_text": "str", "time": "str", "uuid": "str", "nanoseconds": "datetime64[ns]",
        "date": "datetime64[us]", "flag": "float64", "none": "float64",
    }  # fmt: skip
    assert json.loads(frame["nested"][0]) == {"a": 1}
    assert frame["binary"].tolist() == ["ff", "61"]
    assert frame["old_text"].tolist() == ["x", "y"]


def test_an_index_that_pandas_stored_is_a_column(tmp_path, open_source):
    path = tmp_path / "indexed.parquet"
    pd.DataFrame({"a": [1, 2]}, index=pd.Index([7, 8], name="id")).to_parquet(path)
    frame = open_source("parquet", path=str(path)).read()
    assert frame.to_dict("list") == {"a": [1, 2], "id": [7, 8]}
    assert frame.index.equals(pd.RangeIndex(2))


@pytest.fixture
def folder(tmp_path):
    """A folder as Spark writes it, with a partition and files that hold no data."""
    folder = tmp_path / "lake"
    for year, rows in (("2025", [3, 4]), ("2024", [1, 2])):
        (folder / f"year={year}").mkdir(parents=True)
        parquet.write_table(pa.table({"a": rows}), folder / f"year={year}" / "part-0.parquet")
    (folder / "_SUCCESS").touch()
    (folder / ".part-0.crc").write_text("x")
    return folder


def test_a_folder_reads_in_the_order_of_its_names_with_its_partitions(folder, open_source):
    frame = open_source("parquet", path=str(folder)).read()
    assert frame.to_dict("list") == {"a": [1, 2, 3, 4], "year": [2024, 2024, 2025, 2025]}


def test_files_of_a_folder_may_differ_where_types_widen(folder, open_source):
    more = pa.table({"a": [0.5], "b": ["x"]})
    parquet.write_table(more, folder / "year=2025" / "part-1.parquet")
    frame = open_source("parquet", path=str(folder)).read(["a", "b"])
    assert frame["a"].tolist() == [1, 2, 3, 4, 0.5]
    assert frame["b"].isna().sum() == 4


def test_files_that_do_not_fit_together_are_named(folder, open_source):
    parquet.write_table(pa.table({"a": ["x"]}), folder / "year=2025" / "part-1.parquet")
    with pytest.raises(SourceError, match=r"part-1\.parquet: does not fit .* a has incompatible"):
        open_source("parquet", path=str(folder)).read()


def test_a_file_in_a_folder_that_is_not_parquet_is_named(folder, open_source):
    (folder / "year=2025" / "broken.parquet").write_text("not a table")
    with pytest.raises(SourceError, match=r"broken\.parquet: not a whole Parquet file"):
        open_source("parquet", path=str(folder)).read()


def test_an_empty_folder_is_an_error(tmp_path, open_source):
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match="the folder holds no Parquet file: expected names"):
        open_source("parquet", path=str(tmp_path / "empty")).read()


def test_half_a_file_is_an_error(orders, open_source):
    orders.write_bytes(orders.read_bytes()[:-100])
    with pytest.raises(SourceError, match=r"orders\.parquet: not a whole Parquet file"):
        open_source("parquet", path=str(orders)).read()


def test_what_a_reference_stands_for_is_not_shown(folder, open_source, monkeypatch):
    monkeypatch.setenv("LAKE", str(folder))
    (folder / "a.parquet").write_text("not a table")
    with pytest.raises(SourceError, match=r"{env:LAKE}/a\.parquet: not a whole") as caught:
        open_source("parquet", path="{env:LAKE}").read()
    assert str(folder) not in str(caught.value)


def test_a_file_without_bytes_is_an_error(orders, open_source):
    orders.write_bytes(b"")
    with pytest.raises(SourceError, match="is empty"):
        open_source("parquet", path=str(orders)).read()


def test_columns_of_the_same_name_are_an_error(orders, open_source):
    twice = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    parquet.write_table(twice, orders)
    with pytest.raises(SourceError, match="more than one column is named `a`"):
        open_source("parquet", path=str(orders)).read()


def test_an_unknown_column_names_the_closest(orders, open_source):
    with pytest.raises(SourceError, match="has no column `amout`: did you mean `amount`"):
        open_source("parquet", path=str(orders)).read(["amout"])
    with pytest.raises(SourceError, match="has no column `amout`"):
        open_source("parquet", path=str(orders)).open_table(["amout"]).__enter__()


def test_limits_hold_for_a_file_and_for_a_folder_together(orders, folder, open_source):
    small = ReadLimits(max_bytes=600)
    for path in (orders, folder):
        with pytest.raises(SourceError, match="larger than the 600 bytes"):
            open_source("parquet", path=str(path), limits=small).read()
    with pytest.raises(SourceError, match="has 3 columns, more than the 2 allowed"):
        open_source("parquet", path=str(orders), limits=ReadLimits(max_columns=2)).read()
