"""Folders of table formats are refused by name; what is no data beside Parquet files is no part."""

import os
import socket

import pyarrow as pa
import pytest
from fsspec import filesystem
from pyarrow import parquet

from sources.base import ReadLimits
from sources.errors import SourceError

FORMATS = {
    "a Delta table": "_delta_log/00000000000000000000.json",
    "an Iceberg table": "metadata/00001-5f.metadata.json",
    "a Hudi table": ".hoodie/hoodie.properties",
    "the output of a Spark stream": "_spark_metadata/0",
    "a table with a symlink manifest": "_symlink_format_manifest/manifest",
    "a Lance dataset": "_versions/1.manifest",
    "a Paimon table": "snapshot/snapshot-1",
    "a DuckLake": "ducklake-0195-77.parquet",
    "a Hive ACID table": "base_0000005/000000_0",
}
# What stands at a path of its own, and not as a part of a table around it.
BY_NAME = ("a DuckLake", "a Hive ACID table")


def write(path, values=(1, 2, 3)):
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pa.table({"a": values}), path)


@pytest.fixture
def lake(tmp_path):
    write(tmp_path / "lake" / "part-0.parquet")
    return tmp_path / "lake"


@pytest.fixture(params=["read", "chunks", "poll"])
def read(request, open_source, open_poll):
    """Return a function that reads the values of a path, once for each way of reading."""

    def read(path):
        if request.param == "poll":
            return open_poll("parquet", path=str(path)).poll(None, 100).rows["a"].tolist()
        reader = open_source("parquet", path=str(path))
        if request.param == "read":
            return reader.read()["a"].tolist()
        with reader.open_table() as table:
            return [value for chunk in table.chunks(2) for value in chunk["a"]]

    return read


@pytest.mark.parametrize("what", FORMATS)
def test_a_folder_of_a_table_format_is_refused_by_name(lake, read, what):
    mark = lake / FORMATS[what]
    mark.parent.mkdir(exist_ok=True)
    mark.write_text("{}")
    with pytest.raises(SourceError, match=rf"{what}, part of one.*plain folder"):
        read(lake)
    with pytest.raises(SourceError, match=rf"{what}, part of one"):
        read(lake.parent)  # holds it


@pytest.mark.parametrize("what", [what for what in FORMATS if what not in BY_NAME])
def test_a_part_of_a_table_format_is_refused_by_name(lake, read, what):
    mark = lake / FORMATS[what]
    mark.parent.mkdir(exist_ok=True)
    mark.write_text("{}")
    write(lake / "day=1" / "hour=2" / "part-1.parquet")
    for part in ("part-0.parquet", "day=1", "day=1/hour=2/part-1.parquet"):
        with pytest.raises(SourceError, match=rf"{what}, part of one"):
            read(lake / part)
    (lake.parent / "link").symlink_to(lake / "day=1")
    with pytest.raises(SourceError, match=rf"{what}, part of one"):
        read(lake.parent / "link")


def test_a_table_whose_log_is_empty_is_refused_too(lake, read):
    (lake / "_delta_log").mkdir()
    with pytest.raises(SourceError, match="a Delta table"):
        read(lake)


def test_a_table_beside_a_plain_folder_does_not_matter(lake, read):
    write(lake.parent / "other" / "part-0.parquet")
    (lake.parent / "other" / "_delta_log").mkdir()
    (lake.parent / "x.lance").mkdir()
    (lake.parent / "metadata").mkdir()
    (lake.parent / "metadata" / "README.md").write_text("of people")
    assert read(lake) == [1, 2, 3]


def test_an_object_store_is_no_different(open_source, open_poll):
    store = filesystem("memory")
    store.pipe("/delta/_delta_log/0.json", b"{}")
    for name in ("part-0.parquet", "x=1/part-1.parquet"):
        with store.open(f"/delta/{name}", "wb") as file:
            parquet.write_table(pa.table({"a": [1]}), file)
    for path in ("memory://delta", "memory://delta/x=1", "memory://delta/part-0.parquet"):
        with pytest.raises(SourceError, match="a Delta table"):
            open_source("parquet", path=path).read()
        with pytest.raises(SourceError, match="a Delta table"):
            open_poll("parquet", path=path).poll(None, 10)
    store.rm("/delta", recursive=True)


def test_a_stream_over_a_folder_that_becomes_a_table_is_refused(lake, open_poll):
    poller = open_poll("parquet", path=str(lake))
    cursor = poller.poll(None, 10).next_cursor
    (lake / "_delta_log").mkdir()
    (lake / "_delta_log" / "0.json").write_text("{}")
    with pytest.raises(SourceError, match="a Delta table"):
        poller.poll(cursor, 10)


def test_what_is_no_parquet_file_beside_the_parts_is_no_part(lake, read):
    write(lake / "PART-1.PQ", [4])
    write(lake / "_y=1" / "part-2.parq", [5])  # a column whose name begins with an underscore
    for name in (
        "README.md", "schema.json", "_SUCCESS", "_metadata", "_common_metadata", ".part-0.crc",
        "part-0.parquet.crc", "part-9.parquet.tmp", "LICENSE", "_temporary/part-3.parquet",
    ):  # fmt: skip
        (lake / name).parent.mkdir(exist_ok=True)
        (lake / name).write_text("no Parquet")
    assert sorted(read(lake)) == [1, 2, 3, 4, 5]


def test_files_without_any_ending_are_parts_where_none_has_one(tmp_path, read):
    write(tmp_path / "hive" / "000000_0", [1])
    write(tmp_path / "hive" / "000001_0", [2])
    assert read(tmp_path / "hive") == [1, 2]


def test_a_folder_named_like_a_file_holds_parts(lake, read):
    write(lake / "more.parquet" / "part-0.parquet", [4])
    assert sorted(read(lake)) == [1, 2, 3, 4]


def test_a_pipe_or_a_device_among_the_files_of_a_folder_is_refused(lake, read):
    os.mkfifo(lake / "pipe.parquet")
    with pytest.raises(SourceError, match=r"pipe\.parquet: is a device or pipe"):
        read(lake)
    (lake / "pipe.parquet").unlink()
    (lake / "zero.parquet").symlink_to("/dev/zero")
    with pytest.raises(SourceError, match=r"zero\.parquet: is a device or pipe"):
        read(lake)
    (lake / "zero.parquet").unlink()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(lake / "s.parquet"))
        with pytest.raises(SourceError, match=r"s\.parquet: is a device or pipe"):
            read(lake)


def test_a_pipe_is_refused_where_one_file_is_named(tmp_path, open_source, open_poll):
    for kind in ("csv", "json", "jsonl", "parquet"):
        path = tmp_path / f"pipe.{kind}"
        os.mkfifo(path)
        with pytest.raises(SourceError, match="is a device or pipe"):
            open_source(kind, path=str(path)).read()
        if kind != "json":
            with pytest.raises(SourceError, match="is a device or pipe"):
                open_poll(kind, path=str(path)).poll(None, 10)


@pytest.mark.parametrize("target", ["nowhere.parquet", "loop.parquet", "../lake"])
def test_a_link_that_leads_to_no_file_is_named(lake, read, target):
    (lake / "loop.parquet").symlink_to(target)
    with pytest.raises(SourceError, match=r"loop\.parquet: is a link"):
        read(lake)


def test_a_too_large_parquet_file_is_not_told_to_become_one(lake, open_source):
    for path in (lake, lake / "part-0.parquet"):
        with pytest.raises(SourceError, match="bytes allowed: split it into several") as caught:
            open_source("parquet", path=str(path), limits=ReadLimits(max_bytes=10)).read()
        assert "store it as Parquet" not in str(caught.value)
