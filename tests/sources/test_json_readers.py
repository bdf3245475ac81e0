import gzip
import json

import numpy as np
import pytest

from sources.base import ReadLimits
from sources.errors import SourceError


@pytest.fixture
def read_json(tmp_path, open_source):
    """Write bytes or text to a file and read it."""

    def read(kind, content, columns=None, limit=None, name=None, **fields):
        path = tmp_path / (name or f"orders.{kind}")
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return open_source(kind, path=str(path), **fields).read(columns, limit)

    return read


def lines(*records):
    return "".join(json.dumps(record) + "\n" for record in records)


def test_columns_get_the_types_of_their_values(read_json):
    record = {
        "whole": 1, "real": 1.5, "flag": True, "text": "x", "day": "2024-01-31",
        "zoned": "2024-01-31T10:00:00+02:00", "none": None,
    }  # fmt: skip
    frame = read_json("jsonl", lines(record, {**record, "real": 2}))
    assert [str(dtype) for dtype in frame.dtypes] == [
        "int64", "float64", "bool", "str", "datetime64[us]", "datetime64[us, UTC]", "float64",
    ]  # fmt: skip


def test_a_key_that_a_record_lacks_is_a_missing_value(read_json):
    frame = read_json("jsonl", lines({"a": 1}, {"b": True}, {"a": 2, "b": False}))
    np.testing.assert_array_equal(frame["a"], [1, np.nan, 2])
    np.testing.assert_array_equal(frame["b"], [np.nan, 1, 0])


@pytest.mark.parametrize("columns", [None, ["a"]])
def test_records_before_the_first_key_are_rows_too(read_json, columns):
    frame = read_json("jsonl", "{}\n" * 20_001 + lines({"a": 1}, {}), columns)
    assert frame["a"].isna().tolist() == [True] * 20_001 + [False, True]


def test_nested_values_are_kept_as_text(read_json):
    frame = read_json("jsonl", lines({"a": {"b": [1, "ü"]}}, {"a": [2]}))
    assert frame["a"].tolist() == ['{"b": [1, "ü"]}', "[2]"]


def test_values_that_do_not_mix_become_text(read_json):
    frame = read_json("jsonl", lines({"a": 1}, {"a": "x"}, {"a": True}, {"a": 1.5}))
    assert frame["a"].tolist() == ["1", "x", "true", "1.5"]


def test_texts_are_times_only_if_all_of_them_are(read_json):
    day, moment, zoned = "2024-01-31", "2024-01-31T10:00:00.123456789", "2024-01-31T10:00Z"
    frame = read_json(
        "jsonl",
        lines(
            {"fine": day, "mixed": moment, "part": day},
            {"fine": moment, "mixed": zoned, "part": "x"},
        ),
    )
    assert frame["fine"].dtype == "datetime64[ns]"
    assert frame["mixed"].tolist() == [moment, zoned]
    assert frame["part"].tolist() == [day, "x"]


def test_a_type_is_the_same_wherever_the_odd_value_stands(read_json):
    many = [{"a": number} for number in range(10_050)]
    whole = read_json("jsonl", lines(*many, {"a": "x"}))["a"]
    assert whole.dtype == "str"
    assert whole.tolist() == [str(number) for number in range(10_050)] + ["x"]
    assert read_json("jsonl", lines(*many, {"a": 0.5}))["a"].dtype == "float64"
    late = read_json("jsonl", lines(*many, {"b": True}))
    assert late["b"].isna().sum() == 10_050


def test_numbers_past_64_bits_are_floats_and_past_1e308_infinite(read_json):
    frame = read_json(
        "jsonl", '{"a": 1e300}\n{"a": NaN}\n{"a": -Infinity}\n{"a": 1' + "0" * 400 + "}"
    )
    np.testing.assert_array_equal(frame["a"], [1e300, np.nan, -np.inf, np.inf])
    assert read_json("jsonl", '{"a": 123456789012345678901}\n')["a"].tolist() == [
        123456789012345678901.0
    ]


def test_records_are_found_by_their_path(read_json):
    document = json.dumps({"data": {"items": [{"a": 1}, {"a": 2}, {"a": 3}]}})
    frame = read_json("json", document, records="data.items", limit=2)
    assert frame["a"].tolist() == [1, 2]


def test_packed_lines_are_unpacked_and_blank_ones_left_out(read_json):
    packed = gzip.compress(b'{"a": 1}\n\n{"a": 2}\n')
    assert read_json("jsonl", packed, name="a.jsonl.gz")["a"].tolist() == [1, 2]


def test_a_limit_reads_no_further_line(read_json):
    assert len(read_json("jsonl", '{"a": 1}\nnot json\n', limit=1)) == 1


def test_no_records_are_an_empty_frame_with_the_columns_wanted(read_json):
    frame = read_json("json", "[]", columns=["a", "b"])
    assert list(frame.columns) == ["a", "b"]
    assert len(frame) == 0


@pytest.mark.parametrize(
    ("kind", "content", "problem"),
    [
        ("jsonl", '{"a": 1}\n{"a": \n[\n', "line 2 is not valid JSON at column"),
        ("jsonl", '{"a": 1}\n[1]\n[2]\n', "line 2 holds no object: expected one with a value"),
        ("jsonl", "[\n", "line 1 is not valid JSON"),
        ("jsonl", "[\n", "a whole document is `kind: json`"),
        ("jsonl", "", "is empty (0 bytes)"),
        ("jsonl", b"\x00\x01", "holds binary data"),
        ("json", '{"a": 1}\n{"a": 2}\n', "not valid JSON at line 2, column 1: Extra data"),
        ("json", '{"a": 1}\n{"a": 2}\n', "one object a line is `kind: jsonl`"),
        ("json", '[{"a": 1},]', "not valid JSON at line 1, column"),
        ("json", "[" * 100_000, "nested too deeply"),
        ("json", "[1]", "record 1 is a number: expected an object"),
        ("json", "5", "expected a list of records, found a number"),
        ("json", "", "is empty (0 bytes)"),
        (
            "json",
            '{"meta": 1, "data": {"items": [{"a": 1}]}}',
            "found an object with meta, data: set `records` to `data.items`",
        ),
    ],
)
def test_a_file_that_is_not_right_says_what_and_where(read_json, kind, content, problem):
    with pytest.raises(SourceError) as caught:
        read_json(kind, content)
    assert problem in str(caught.value)
    assert f"orders.{kind}" in str(caught.value)


def test_a_path_to_nothing_is_named(read_json):
    with pytest.raises(SourceError, match=r"expected a list of records at `data\.rows`, found not"):
        read_json("json", '{"data": {"items": []}}', records="data.rows")


def test_an_unknown_column_names_the_closest(read_json):
    with pytest.raises(SourceError, match="has no column `amout`: did you mean `amount`"):
        read_json("jsonl", lines({"id": 1, "amount": 2}), columns=["amout"])


def test_records_with_too_many_keys_are_refused(read_json):
    wide = {f"c{number}": number for number in range(10_000)}
    with pytest.raises(SourceError, match="has 10000 columns, more than the 2000 allowed"):
        read_json("json", json.dumps([wide]))


def test_a_file_past_the_limit_is_refused(read_json):
    with pytest.raises(SourceError, match="larger than the 100 bytes"):
        read_json("jsonl", lines(*[{"a": 1}] * 50), limits=ReadLimits(max_bytes=100))
