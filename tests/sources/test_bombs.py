"""Small files that unpack to large tables are given up at the limit, before the memory is full."""

import gzip
import json
import subprocess
import sys
import tracemalloc

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from sources.base import ReadLimits
from sources.definition import load_sources_file
from sources.errors import SourceError
from sources.yaml_lines import load_sections

LIMITS = ReadLimits(max_bytes=1_000_000)
TOO_LARGE = "1000000 bytes allowed"


def read(open_source, kind, path):
    return open_source(kind, path=str(path), limits=LIMITS).read()


@pytest.mark.parametrize(
    ("name", "start", "line"),
    [
        ("a.csv.gz", b"a,b\n", b"1,2\n"),
        ("a.jsonl.gz", b"", b'{"a": 1}\n'),
        ("a.json.gz", b"[", b'{"a": 1},'),
    ],
)
def test_a_packed_file_is_left_at_the_limit_of_what_it_unpacks_to(
    tmp_path, open_source, name, start, line
):
    path = tmp_path / name
    path.write_bytes(gzip.compress(start + line * 5_000_000))
    assert path.stat().st_size < 150_000
    tracemalloc.start()
    with pytest.raises(SourceError, match=TOO_LARGE):
        read(open_source, name.split(".")[1], path)
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


MEASURE = """
import resource, sys
from sources.base import ReadLimits
from sources.config import parse_source_config
from sources.pollers import open_poller
from sources.polling import PollOptions
from sources.readers import open_reader
from sources.secrets import SecretResolver

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

def read(path):
    kind = "parquet" if path.endswith("parquet") else path.split(".")[1]
    config = parse_source_config(kind, {"path": path})
    limits = ReadLimits(memory_cells=1_000_000)
    n_rows = 0
    with open_reader(config, limits, SecretResolver()).open_table() as table:
        for chunk in table.chunks(100_000):
            n_rows += len(chunk)
    if kind == "parquet":
        poller = open_poller(config, PollOptions(), limits, SecretResolver())
        cursor = poller.poll(None, 1000).next_cursor
        assert len(poller.poll(cursor, 1000).rows) == 1000
    return n_rows

small, large = sys.argv[1:]
read(small)
before = peak()
print(read(large), peak() - before)
"""


@pytest.mark.parametrize("kind", ["csv.gz", "jsonl.gz", "parquet"])
def test_a_packed_file_is_judged_by_what_it_unpacks_to(tmp_path, kind):
    n_rows = {"csv.gz": 10_000_000, "jsonl.gz": 1_000_000, "parquet": 20_000_000}[kind]
    for name, rows in (("small", 10_000), ("large", n_rows)):
        path = tmp_path / f"{name}.{kind}"
        if kind == "parquet":
            zeros = pa.array(np.zeros(rows))
            parquet.write_table(pa.table({"a": zeros, "b": zeros, "c": zeros}), path,
                                row_group_size=rows, compression="zstd")  # fmt: skip
        else:
            start, line = (
                (b"a,b,c\n", b"1,2,3\n") if kind == "csv.gz" else (b"", b'{"a": 1, "b": 2}\n')
            )
            path.write_bytes(gzip.compress(start + line * rows))
    assert path.stat().st_size < 300_000
    files = [str(tmp_path / f"{name}.{kind}") for name in ("small", "large")]
    found = subprocess.run([sys.executable, "-c", MEASURE, *files], capture_output=True, text=True)
    assert found.stderr == ""
    read, megabytes = map(int, found.stdout.split())
    assert read == n_rows
    assert megabytes < 150  # the values alone are 16 to 480


def test_many_missing_values_count_as_what_they_become(tmp_path, open_source):
    path = tmp_path / "wide.jsonl"
    names = {f"c{number}": 1 for number in range(1000)}
    path.write_bytes(json.dumps(names).encode() + b"\n" + b"{}\n" * 20_000)
    with pytest.raises(SourceError, match=TOO_LARGE):
        read(open_source, "jsonl", path)


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(
    "column",
    [
        pa.array(np.zeros(5_000_000)),
        pa.nulls(2_000_000),
        pa.DictionaryArray.from_arrays(np.zeros(100_000, np.int32), ["x" * 1000]),
        pa.DictionaryArray.from_arrays(np.zeros(100_000, np.int32), ["x" * 1000]).cast(pa.string()),
        pa.array([[0] * 1000] * 2000),
    ],
    ids=["numbers", "nulls", "categories", "text", "lists"],
)
def test_few_bytes_of_parquet_are_left_at_the_limit_of_what_they_unpack_to(
    tmp_path, open_source, open_poll, column, chunked
):
    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"a": column}), path, compression="zstd")
    assert path.stat().st_size < 50_000
    reader = open_source("parquet", path=str(path), limits=LIMITS)
    with pytest.raises(SourceError, match=TOO_LARGE), reader.open_table() as table:
        list(table.chunks(1000)) if chunked else table.whole()
    with pytest.raises(SourceError, match=TOO_LARGE):
        reader.read()
    with pytest.raises(SourceError, match=TOO_LARGE):
        open_poll("parquet", path=str(path), limits=LIMITS).poll(None, 100)


def test_aliases_of_aliases_end(tmp_path):
    path = tmp_path / "sources.yaml"
    levels = "\n".join(f"  - &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12))
    path.write_text(f"sources:\n  - &a0 x\n{levels}\n")
    with pytest.raises(SourceError, match=r"more than 1000000 values once its aliases"):
        load_sections(path, ["sources"])


def test_an_alias_of_what_it_stands_in_ends(tmp_path):
    path = tmp_path / "sources.yaml"
    path.write_text("sources: &all\n  - *all\n")
    with pytest.raises(SourceError, match=r"aliases|in itself"):
        load_sections(path, ["sources"])


@pytest.mark.parametrize(
    "text",
    [
        "sources:\n  - !!python/object/apply:os.system ['true']\n",
        "sources:\n  - !!python/name:os.system\n",
        "sources:\n  - 2024-13-45\n",
        "sources:\n  - {[a]: 1}\n",
        "sources:\n  - ? {a: 1}\n    : 1\n",
        "sources: " + "[" * 100_000,
        "sources:\n" + "  - x\n" * 3_000_000,
    ],
)
def test_yaml_makes_values_and_nothing_else(tmp_path, text):
    path = tmp_path / "sources.yaml"
    path.write_text(text)
    with pytest.raises(SourceError, match=str(path)):
        load_sources_file(path)
