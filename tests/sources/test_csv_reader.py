import gzip

import pandas as pd
import pytest

from sources.base import ReadLimits
from sources.errors import SourceError
from tests.sources.conftest import TINY


@pytest.fixture
def read_csv(tmp_path, open_source):
    """Write bytes or text to a file and read it."""

    def read(content, columns=None, limit=None, name="orders.csv", **fields):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return open_source("csv", path=str(path), **fields).read(columns, limit)

    return read


def test_columns_get_the_types_of_their_values(read_csv):
    frame = read_csv(
        "whole,real,flag,text,day,moment,zoned,none\n"
        "1,1.5,true,x,2024-01-31,2024-01-31T10:00:00.5,2024-01-31T10:00:00Z,\n"
        "2,-inf,false,y,2024-02-01,2024-02-01,2024-01-31T10:00:00Z,\n"
    )
    assert [str(dtype) for dtype in frame.dtypes] == [
        "int64", "float64", "bool", "str", "datetime64[us]", "datetime64[us]",
        "datetime64[us, UTC]", "float64",
    ]  # fmt: skip
    assert frame.index.equals(pd.RangeIndex(2))


def test_missing_values_make_integers_and_booleans_floats(read_csv):
    frame = read_csv("id,n,flag\n1,5,true\n2,,NA\n3,7,false\n")
    assert frame["n"].tolist()[::2] == [5.0, 7.0]
    assert frame["flag"].tolist()[::2] == [1.0, 0.0]
    assert frame[["n", "flag"]].isna().sum().tolist() == [1, 1]


def test_a_type_fits_every_row_and_not_only_the_first_block(read_csv):
    rows = 1_200_000
    frame = read_csv("a\n" + "1\n" * rows + "x\n")
    assert frame["a"].dtype == "str"
    assert len(frame) == rows + 1


def test_a_limit_past_a_change_of_type_still_reads(read_csv):
    rows = 1_200_000
    frame = read_csv("a\n" + "1\n" * rows + "1.5\n2\n", limit=rows + 1)
    assert len(frame) == rows + 1
    assert frame["a"].iloc[-1] == 1.5


def test_only_the_columns_wanted_come_in_the_order_wanted(read_csv):
    frame = read_csv("a,b,c\n1,2,3\n4,5,6\n", columns=["c", "a"], limit=1)
    assert frame.to_dict("list") == {"c": [3], "a": [1]}


def test_a_header_and_a_first_row_may_be_long(read_csv):
    names = [f"{'a' * 60}_{place}" for place in range(1000)]
    frame = read_csv(",".join(names) + ",text\n" + "1," * 1000 + "x" * 100_000 + "\n")
    assert list(frame.columns) == [*names, "text"]
    assert len(frame["text"][0]) == 100_000


def test_header_only_is_an_empty_frame_with_columns(read_csv):
    frame = read_csv("a,b\n")
    assert list(frame.columns) == ["a", "b"]
    assert len(frame) == 0


@pytest.mark.parametrize("limits", [ReadLimits(), TINY])
def test_chunks_are_the_rows_of_the_whole(tmp_path, open_source, limits):
    path = tmp_path / "a.csv"
    path.write_text("a\n" + "\n".join(str(row) for row in range(10)))
    reader = open_source("csv", path=str(path), limits=limits)
    with reader.open_table() as table:
        chunks = list(table.chunks(4))
    assert [len(chunk) for chunk in chunks] == [4, 4, 2]
    assert pd.concat(chunks).equals(reader.read())


def test_packed_files_are_unpacked(read_csv):
    assert read_csv(gzip.compress(b"a\n1\n"), name="a.csv.gz")["a"].tolist() == [1]


def test_text_in_another_encoding_reads_when_named(read_csv):
    assert read_csv("name\nMüller\n".encode("cp1252"), encoding="cp1252")["name"][0] == "Müller"
    assert read_csv("name\nMüller\n".encode("utf-16"), encoding="utf-16")["name"][0] == "Müller"
    assert read_csv("\ufeffname\nMüller\n")["name"][0] == "Müller"


def test_separators_of_other_countries_read_when_named(read_csv):
    frame = read_csv("a;b\n1,5;x\n", delimiter=";", decimal_point=",")
    assert frame["a"].tolist() == [1.5]


def test_lines_before_the_header_are_left_out(read_csv):
    assert read_csv("exported by x\n\na,b\n1,2\n", skip_rows=2)["b"].tolist() == [2]


def test_values_over_several_lines_stay_together(read_csv):
    assert read_csv('a,b\n1,"x\ny"\n')["b"].tolist() == ["x\ny"]


def test_a_column_without_a_name_is_called_by_its_position(read_csv):
    assert list(read_csv(",b\n0,1\n").columns) == ["column_1", "b"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (
            "a,b,c,d\n" + "1,2,3,4\n" * 15 + "1,2,3,4,5\n" * 2,
            "row 17 has 5 values, the header has 4 columns (the header is row 1): "
            "fix the row, or set `delimiter` or `quote`",
        ),
        (
            "a,b\n" + "1,2\n" * 20_000 + "1\n" * 203,
            "row 20002 has 1 values, the header has 2 columns",
        ),
        ("a,b\n1\n", "row 2 has 1 values, the header has 2 columns"),
        ("", "is empty (0 bytes): was it written to the end?"),
        ("\n\n", "has no header row: expected the names of the columns in the first line"),
        ("a,b,a\n1,2,3\n", "more than one column is named `a`: rename them"),
        ("a;b;c\n1;2;3\n", "its only column is named `a;b;c`: set `delimiter` to ';'"),
        ('a,b\n1,"open\n2,3\n', 'a quote (") opened in row 2 is never closed: close it'),
        ("name\nMüller\n".encode("cp1252"), "column `name` is not utf-8: set `encoding`"),
        ("größe\n1\n".encode("cp1252"), "the header is not utf-8: set `encoding`"),
        ("a\n1\n".encode("utf-16"), "is text in utf-16, not in utf-8: set `encoding: utf-16`"),
        (b"\x00\x01\x02\xff", "holds binary data, expected text: check"),
        (b"PAR1....", "is a Parquet file: set `kind: parquet`"),
        (b"PK\x03\x04....", "is a zip archive or an Excel workbook"),
        (gzip.compress(b"a\n1\n", mtime=0), "is packed with gzip: name it .gz"),
    ],
)
def test_a_file_that_is_not_right_says_what_and_where(read_csv, content, problem):
    with pytest.raises(SourceError) as caught:
        read_csv(content)
    assert f"orders.csv: {problem}" in str(caught.value)
    assert "row" not in problem or len(str(caught.value)) < 300


def test_one_column_may_have_a_name_that_looks_like_many(read_csv):
    assert read_csv("price; usd\n1.5\n")["price; usd"].tolist() == [1.5]


def test_an_open_quote_is_noticed_whichever_columns_are_wanted(read_csv):
    with pytest.raises(SourceError, match="never closed"):
        read_csv('a,b\n1,"open\n2,3\n', columns=["a"])


def test_an_open_quote_in_a_large_file_is_named(read_csv):
    with pytest.raises(SourceError, match="a quote may be open"):
        read_csv('a,b\n"1,2\n' + "1,2\n" * 3_000_000)


def test_a_named_encoding_that_does_not_fit_is_an_error(read_csv):
    with pytest.raises(SourceError, match="the text is not ascii: set `encoding`"):
        read_csv("name\nMüller\n", encoding="ascii")


def test_a_damaged_packed_file_is_an_error(read_csv):
    packed = gzip.compress(b"a\n1\n")
    for content in (packed[:-6], b"a\n1\n", packed[:12] + b"\xff" * 20):
        with pytest.raises(SourceError, match="the packed file is damaged"):
            read_csv(content, name="a.csv.gz")


def test_too_many_lines_to_skip_are_an_error(read_csv):
    with pytest.raises(SourceError, match="has fewer lines than `skip_rows`: lower it"):
        read_csv("a\n1\n", skip_rows=9)


def test_ten_thousand_columns_are_too_many(read_csv):
    header = ",".join(f"c{number}" for number in range(10_000))
    with pytest.raises(SourceError, match="has 10000 columns, more than the 2000 allowed"):
        read_csv(header + "\n")


def test_an_unknown_column_names_the_closest(read_csv):
    with pytest.raises(SourceError, match="has no column `amout`: did you mean `amount`"):
        read_csv("id,amount\n1,2\n", columns=["id", "amout"])


def test_a_file_past_the_limit_is_refused_packed_or_not(read_csv):
    limits = ReadLimits(max_bytes=2000)
    content = b"a\n" + b"1\n" * 5000
    for name, data in (("a.csv", content), ("a.csv.gz", gzip.compress(content))):
        with pytest.raises(SourceError, match="is larger than the 2000 bytes allowed"):
            read_csv(data, name=name, limits=limits)
