import os
import sys

import fsspec
import pandas as pd
import pyarrow as pa
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from pyarrow import parquet

from sources.errors import SourceError, TransientSourceError

FILE_KINDS = ("csv", "json", "jsonl", "parquet")
CONTENTS = {"csv": b"a\n1\n", "json": b'[{"a": 1}]', "jsonl": b'{"a": 1}\n'}


@pytest.fixture
def memory_store():
    """The in-memory object store, emptied afterwards."""
    store = fsspec.filesystem("memory")
    yield store
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]


@pytest.mark.parametrize("kind", FILE_KINDS)
def test_a_missing_file_is_named_with_where_it_was_looked_for(kind, open_source):
    with pytest.raises(SourceError, match=r"no\.such: no such file or folder \(looked for /"):
        open_source(kind, path="no.such").read()


@pytest.mark.parametrize("kind", ["csv", "json", "jsonl"])
def test_a_folder_is_no_file(kind, tmp_path, open_source):
    with pytest.raises(SourceError, match="is a folder: expected one file"):
        open_source(kind, path=str(tmp_path)).read()


@pytest.mark.parametrize("kind", FILE_KINDS)
def test_a_device_is_no_file(kind, open_source):
    with pytest.raises(SourceError, match="is a device or pipe: expected a regular file"):
        open_source(kind, path=os.devnull).read()


@pytest.mark.parametrize("kind", ["csv", "json", "jsonl"])
def test_files_of_an_object_store_are_read(kind, memory_store, open_source):
    memory_store.pipe(f"/bucket/a.{kind}", CONTENTS[kind])
    assert open_source(kind, path=f"memory://bucket/a.{kind}").read()["a"].tolist() == [1]


def test_parquet_of_an_object_store_is_read_as_a_file_and_as_a_folder(memory_store, open_source):
    for part in (1, 2):
        with memory_store.open(f"/bucket/lake/part-{part}.parquet", "wb") as stream:
            parquet.write_table(pa.table({"a": [part]}), stream)
    one = open_source("parquet", path="memory://bucket/lake/part-1.parquet")
    assert one.read()["a"].tolist() == [1]
    lake = open_source("parquet", path="memory://bucket/lake")
    assert lake.read()["a"].tolist() == [1, 2]
    with lake.open_table() as table:
        assert pd.concat(table.chunks(1))["a"].tolist() == [1, 2]


@pytest.mark.parametrize("kind", FILE_KINDS)
def test_a_missing_object_is_named(kind, memory_store, open_source):
    with pytest.raises(SourceError, match="memory://bucket/a: no such file or folder") as caught:
        open_source(kind, path="memory://bucket/a").read()
    assert not isinstance(caught.value, TransientSourceError)


@pytest.mark.parametrize("kind", FILE_KINDS)
def test_a_store_that_fails_may_be_tried_again(kind, memory_store, open_source, monkeypatch):
    monkeypatch.setenv("BUCKET", "hunter2")

    def fail(self: MemoryFileSystem, path: str, **options: object) -> None:
        raise OSError(f"503 Slow Down: {path}")

    monkeypatch.setattr(MemoryFileSystem, "info", fail)
    with pytest.raises(TransientSourceError, match="cannot be read: 503 Slow Down") as caught:
        open_source(kind, path="memory://{env:BUCKET}/a").read()
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(("protocol", "module"), [("s3", "s3fs"), ("gs", "gcsfs")])
def test_a_store_that_needs_an_extra_names_it(protocol, module, open_source, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(SourceError, match=rf"pip install 'vigil\[{protocol}\]'"):
        open_source("csv", path=f"{protocol}://bucket/a.csv").read()


def test_an_unknown_protocol_is_named(open_source):
    with pytest.raises(SourceError, match="Protocol not known: sftpp"):
        open_source("csv", path="sftpp://bucket/a.csv").read()


def test_options_of_a_store_are_resolved_when_it_is_opened(open_source, monkeypatch):
    given = {}

    class Store(MemoryFileSystem):
        protocol = "recording"

        def __init__(self, **options: object) -> None:
            given.update(options)
            super().__init__()

    fsspec.register_implementation("recording", Store, clobber=True)
    monkeypatch.setenv("STORE_SECRET", "hunter2")
    options = {"secret": "{env:STORE_SECRET}", "client": {"token": "{env:STORE_SECRET}"}}
    reader = open_source("csv", path="recording://bucket/a.csv", storage_options=options)
    assert not given
    with pytest.raises(SourceError, match="no such file"):
        reader.read()
    assert given["secret"] == "hunter2"
    assert given["client"] == {"token": "hunter2"}


def test_a_path_may_hold_characters_that_mean_something_to_stores(tmp_path, open_source):
    path = tmp_path / "a::b*[c].csv"
    path.write_bytes(CONTENTS["csv"])
    assert open_source("csv", path=str(path)).read()["a"].tolist() == [1]
