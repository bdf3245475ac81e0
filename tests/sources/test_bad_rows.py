"""One bad row costs one row, said once with its place; one bad character costs a character."""

import json
import sqlite3

import pyarrow as pa
import pytest
from pyarrow import parquet

from sources.bad_rows import BadRows
from sources.base import ReadLimits
from sources.config import parse_source_config
from sources.errors import SourceError
from sources.readers import open_reader
from sources.secrets import SecretResolver

IN_MEMORY = ReadLimits()
ON_DISK = ReadLimits(memory_cells=10)
GOOD = {
    "csv": b"1,x\n",
    "jsonl": b'{"a": 1, "b": "x"}\n',
}
HEADER = {"csv": b"a,b\n", "jsonl": b""}


@pytest.fixture(params=[IN_MEMORY, ON_DISK], ids=["in memory", "on disk"])
def read(request, tmp_path):
    """Return a function that reads a file, and returns its rows and notices."""

    def read(kind, content, keys=(), **fields):
        path = tmp_path / f"log.{kind}"
        if content is not None:
            path.write_bytes(content)
        config = parse_source_config(kind, {"path": str(path), **fields})
        bad = BadRows(config.place, keys)
        with open_reader(config, request.param, SecretResolver(), bad).open_table() as table:
            frame = table.whole()
        return frame, bad.notices

    return read


@pytest.mark.parametrize(
    ("kind", "row", "why"),
    [
        ("csv", b"1,x,y\n", "row 5 has 3 values, the header has 2 columns"),
        ("csv", b"1\n", "row 5 has 1 values, the header has 2 columns"),
        ("csv", b"1,\xff\n", "line 5 is not utf-8"),
        ("csv", b"1\xff,x\n", "line 5 is not utf-8"),
        ("csv", b"1,x\0\n", "line 5 holds a NUL byte"),
        ("csv", b"1\0,x\n", "line 5 holds a NUL byte"),
        ("csv", b'1,"\xff\ny"\n', "line 5 is not utf-8"),
        ("csv", b"1," + b"y" * 9_000_000 + b"\n", "line 5 is longer than 4194304 bytes"),
        ("jsonl", b'{"a": 1, "b"\n', "line 4 is not valid JSON at column"),
        ("jsonl", b"[1]\n", "line 4 holds no object"),
        ("jsonl", b"null\n", "line 4 holds no object"),
        ("jsonl", b"\0\0\0{}\n", "line 4 is not valid JSON at column"),
        ("jsonl", b'{"a": 1, "b\\ud83d": 2}\n', "line 4 has the key 'b\\ud83d'"),
        ("jsonl", b'{"a": 1, "b": "' + b"x" * 17_000_000 + b'"}\n', "line 4 is longer than 16777"),
        ("jsonl", b'{"a": ' + b"1" * 5000 + b"}\n", "line 4 is not JSON that can be read"),
    ],
)
def test_a_row_that_cannot_be_read_is_left_out_and_said_once(read, kind, row, why):
    frame, notices = read(kind, HEADER[kind] + GOOD[kind] * 3 + row + GOOD[kind] * 3)
    assert frame["a"].tolist() == [1] * 6  # the type of the others is not touched
    assert frame["b"].tolist() == ["x"] * 6
    (notice,) = notices
    assert notice.startswith(f"1 row was left out: {why}")


@pytest.mark.parametrize(
    ("kind", "row"), [("csv", b"1,x,y\n"), ("jsonl", b"{\n"), ("csv", b"\xff,1\n")]
)
def test_one_row_in_a_hundred_may_be_left_out_and_not_more(read, kind, row):
    frame, notices = read(kind, HEADER[kind] + GOOD[kind] * 297 + row * 3)
    assert len(frame) == 297
    assert notices[0].startswith("3 rows were left out: ")
    assert notices[0].endswith("(and 2 other rows)")
    with pytest.raises(SourceError):
        read(kind, HEADER[kind] + GOOD[kind] * 296 + row * 3)
    with pytest.raises(SourceError):
        read(kind, HEADER[kind] + row)  # nothing else is there


def test_a_record_that_is_no_object_is_left_out(read):
    records = [{"a": 1}, {"a": 2}, 7, {"a": 3}]
    frame, notices = read("json", json.dumps(records).encode())
    assert frame["a"].tolist() == [1, 2, 3]
    assert notices[0].startswith("1 row was left out: record 3 is a number: expected an object")


@pytest.mark.parametrize("kind", ["json", "jsonl"])
@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (b"cut off \\ud83d", "cut off \ufffd"),
        (b"a\\u0000b", "a\ufffdb"),
        (b"a\xffb", "a\ufffdb"),
        (b"\\ud83d\\ude00", "\U0001f600"),
    ],
)
def test_a_character_that_cannot_be_kept_is_replaced_and_said_once(read, kind, written, kept):
    records = [b'{"id": "1", "t": "x"}', b'{"id": "2", "t": "%b"}' % written]
    text = b"\n".join(records) if kind == "jsonl" else b"[%b]" % b",".join(records)
    frame, notices = read(kind, text)
    assert frame["t"].tolist() == ["x", kept]
    where = "line 2" if kind == "jsonl" else "record 2"
    if "\ufffd" in kept:
        assert "1 text holds characters that cannot be kept" in notices[0]
        assert notices[0].endswith(f"the first: {where}, column `t`")
    else:
        assert notices == ()


def test_two_keys_do_not_become_one_where_a_character_cannot_be_kept(read):
    texts = [r"\ud83d", r"\ud83e", r"\u0000", "�"]
    lines = "".join(f'{{"id": "{text}", "v": 1}}\n' for text in texts)
    frame, _ = read("jsonl", lines.encode(), keys=["id"])
    assert frame["id"].tolist() == [r"\ud83d", r"\ud83e", r"\x00", "�"]


def test_parquet_text_that_is_none_is_replaced_with_its_row(read, tmp_path, open_poll):
    offsets = pa.array([0, 1, 2, 5], pa.int32()).buffers()[1]
    text = pa.Array.from_buffers(pa.string(), 3, [None, offsets, pa.py_buffer(b"a\xffx\0y")])
    path = tmp_path / "log.parquet"
    parquet.write_table(pa.table({"id": text, "t": text, "n": [1, 2, 3]}), path)
    frame, notices = read("parquet", None, keys=["id"])
    assert frame["t"].tolist() == ["a", "\ufffd", "x\ufffdy"]
    assert frame["id"].tolist() == ["a", r"\xff", r"x\x00y"]
    assert notices[0].startswith("4 texts hold characters that cannot be kept")
    assert notices[0].endswith("the first: row 2, column `id`")
    poller = open_poll("parquet", path=str(path), key_columns=("id",))
    page = poller.poll(None, 10)
    assert page.rows["t"].tolist() == ["a", "\ufffd", "x\ufffdy"]
    assert page.rows["id"].tolist() == ["a", r"\xff", r"x\x00y"]
    assert "log.parquet: 4 texts hold characters" in page.notices[0]
    assert poller.poll(page.next_cursor, 10).notices == ()


def test_sqlite_text_that_is_none_is_replaced_with_its_row(tmp_path, open_poll):
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT)")
        connection.execute(
            "INSERT INTO t VALUES (1, 'x'), (2, CAST(x'61ff' AS TEXT)), "
            "(3, CAST(x'610062' AS TEXT))"
        )
    fields = {"url": f"sqlite:///{path}", "table": "t"}
    config = parse_source_config("sql", fields)
    bad = BadRows(config.place)
    frame = open_reader(config, IN_MEMORY, SecretResolver(), bad).read()
    assert frame["s"].tolist() == ["x", "a\ufffd", "a\ufffdb"]
    assert bad.notices[0].endswith("the first: row 2, column `s`")
    page = open_poll("sql", cursor_column="id", **fields).poll(None, 10)
    assert page.rows["s"].tolist() == ["x", "a\ufffd", "a\ufffdb"]
    assert "the row with `id` 2, column `s`" in page.notices[0]


def test_a_name_of_a_column_that_cannot_be_kept_is_refused(read):
    with pytest.raises(SourceError, match=r"the column 'b\\x00' has a name that holds NUL"):
        read("csv", b"a,b\0\n" + b"1,2\n" * 20)
