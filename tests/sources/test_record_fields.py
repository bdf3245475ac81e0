"""Columns are found by paths in whatever a record is, alike in reads and in streams."""

import json
from pathlib import Path

import pytest

from sources.config import parse_source_config
from sources.errors import SourceError

NESTED = [
    {"id": 1, "metrics": {"cpu": 1.5, "disks": [{"used": 7}, {"used": 8}]}, "a.b": 5},
    {"id": 2, "metrics": {"cpu": "N/A"}, "a.b": 6},
    {"id": 3, "metrics": None, "a.b": 7},
]
FIELDS = {"id": "id", "cpu": "metrics.cpu", "used": "metrics.disks.0.used", "ab": "a.b"}
EXPECTED = {"id": [1, 2, 3], "cpu": [1.5, None, None], "used": [7, None, None], "ab": [5, 6, 7]}


def columns_of(frame):
    return {name: [None if at != at else at for at in frame[name].tolist()] for name in frame}


def lines(path: Path, records: list[object]) -> str:
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records))
    return str(path)


@pytest.fixture
def served(tmp_path, http_server):
    """Return a function that gives a document as a source of a kind, with its fields."""

    def served(kind: str, document: object) -> dict[str, object]:
        if kind == "http":
            http_server.answer("/rows", document)
            return {"url": f"{http_server.url}/rows"}
        if kind == "jsonl":
            return {"path": lines(tmp_path / "rows.jsonl", document)}
        (tmp_path / "rows.json").write_text(json.dumps(document))
        return {"path": str(tmp_path / "rows.json")}

    return served


@pytest.mark.parametrize("kind", ["json", "jsonl", "http"])
def test_a_path_reaches_into_objects_and_lists(kind, served, open_source):
    reader = open_source(kind, **served(kind, NESTED), fields=FIELDS)
    assert columns_of(reader.read()) == EXPECTED
    assert columns_of(reader.read(["used", "id"])) == {
        "used": EXPECTED["used"], "id": EXPECTED["id"]
    }  # fmt: skip
    with reader.open_table(["cpu"]) as table:
        assert columns_of(table.whole()) == {"cpu": EXPECTED["cpu"]}


@pytest.mark.parametrize("kind", ["jsonl", "http"])
def test_a_stream_reaches_into_objects_and_knows_its_keys_by_their_paths(kind, served, open_poll):
    poller = open_poll(kind, key_columns=("id",), **served(kind, NESTED), fields=FIELDS)
    first = poller.poll(None, 2)
    second = poller.poll(first.next_cursor, 10)
    assert first.rows["id"].tolist() == ["1", "2"]
    assert second.rows["id"].tolist() == ["3"]
    assert first.rows["cpu"].tolist()[0] == 1.5
    assert first.rows["used"].isna().tolist() == [False, True]
    assert (first.notices, second.notices) == ((), ())


@pytest.mark.parametrize("kind", ["json", "jsonl", "http"])
def test_records_may_be_lists_whose_values_are_named_by_their_place(kind, served, open_source):
    rows = served(kind, [[1, 2.5], [2, "3.5"], [3]])
    frame = open_source(kind, **rows, fields={"time": 0, "cpu": 1}).read(["time"])
    assert frame["time"].tolist() == [1, 2, 3]
    frame = open_source(kind, **rows, fields={"time": "0", "cpu": "1"}).read()
    assert frame["cpu"].isna().tolist() == [False, False, True]


def test_a_stream_of_lists_reads_on_by_a_named_value(served, open_poll, http_server):
    rows = served("http", [[1, 2.5], [2, 3.5]])
    http_server.answer("/rows", [[2, 3.5], [3, 4.5]])
    poller = open_poll(
        "http", **rows, fields={"at": 0, "cpu": 1}, pagination="cursor", cursor_column="at"
    )
    page = poller.poll(None, 10)
    assert page.rows["cpu"].tolist() == [2.5, 3.5]
    assert poller.poll(page.next_cursor, 10).rows["cpu"].tolist() == [4.5]


@pytest.mark.parametrize("kind", ["json", "http"])
def test_columns_may_be_lists(kind, served, open_source):
    hourly = {"time": ["2025-01-01T00:00", "2025-01-01T01:00"], "cpu": [1.5, 2.5], "unit": "C"}
    rows = served(kind, {"hourly": hourly})
    frame = open_source(kind, **rows, records="hourly", orient="columns").read()
    assert list(frame) == ["time", "cpu"]
    assert frame["cpu"].tolist() == [1.5, 2.5]
    fields = {"at": "hourly.time", "load": "hourly.cpu"}
    frame = open_source(kind, **rows, orient="columns", fields=fields).read(["load"])
    assert columns_of(frame) == {"load": [1.5, 2.5]}


@pytest.mark.parametrize(
    ("document", "fields", "problem"),
    [
        (NESTED, {"fields": {"cpu": "metric.cpu"}},
         "no record has anything at `metric.cpu`, the path of column `cpu`: the first is an object "
         "with id, metrics, a.b: correct `fields`"),
        ([[1, 2]], {"fields": {"x": "2"}}, "`2`, the path of column `x`: the first is a list of 2"),
        ([[1, 2]], {}, "record 1 is a list of 2: .*; name the values of a list, e.g. `fields:"),
        ({"time": [1], "cpu": [2]}, {}, "found an object with time, cpu: set `orient: columns`"),
        ({"time": [1], "cpu": [2, 3]}, {"orient": "columns"},
         r"different numbers of values \(time 1, cpu 2\): set `fields`"),
        ({"time": [1], "cpu": 2}, {"orient": "columns", "fields": {"c": "cpu"}},
         "a list of values at `cpu`, the path of column `c`, found a number; .* lists at time"),
        ([1], {"orient": "columns"}, "an object with a list for each column, found a list of 1"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_said_with_its_path_and_what_is(
    document, fields, problem, served, open_source
):
    for kind in ("json", "http"):
        with pytest.raises(SourceError, match=problem):
            open_source(kind, **served(kind, document), **fields).read()


def test_a_stream_says_once_that_a_path_leads_nowhere_so_far(tmp_path, open_poll):
    path = lines(tmp_path / "a.jsonl", NESTED)
    poller = open_poll("jsonl", path=path, fields={"id": "id", "x": "metrics.x"})
    first = poller.poll(None, 1)
    assert "no record has anything at `metrics.x`, the path of column `x`" in first.notices[0]
    assert poller.poll(first.next_cursor, 10).notices == ()


@pytest.mark.parametrize("path", ["", "a..b", ".a", " "])
def test_a_path_is_keys_with_dots_between(path):
    with pytest.raises(SourceError, match=r"`fields\.x`: expected keys with dots between"):
        parse_source_config("jsonl", {"path": "a", "fields": {"x": path}})
