import tempfile
from csv import writer
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.base import ReadLimits
from sources.config import parse_source_config
from sources.errors import SourceError
from sources.pollers import open_poller
from sources.polling import PollOptions
from sources.secrets import SecretResolver
from tests.sources.following import poll_all, values


@pytest.fixture
def csv(tmp_path, open_poll):
    """Return a function that writes a CSV file and opens a poller of it."""
    path = tmp_path / "log.csv"

    def csv(content, **fields):
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return open_poll("csv", path=str(path), **fields)

    csv.path = path
    return csv


def test_integers_and_floats_and_gaps_are_one_type(csv):
    pages, _ = poll_all(csv("a\n1\n2.5\n\nNA\n1e300\n"), limit=1)
    assert [str(page.rows["a"].dtype) for page in pages] == ["float64"] * 5
    assert values(pages, "a")[:2] == [1, 2.5]


def test_a_column_without_values_gets_its_type_with_the_first(csv):
    pages, cursor = poll_all(csv("a,b\n1,\n2,\n3,x\n4,5\n"), limit=2)
    assert [str(page.rows["b"].dtype) for page in pages] == ["float64", "str"]
    assert values(pages, "b")[2:] == ["x", "5"]
    assert '"b":"text"' in cursor


def test_keys_are_text_as_they_are_written(csv):
    pages, _ = poll_all(csv("id,a\n007,1\n12345678901234567890,2\n1.50,3\n", key_columns=("id",)))
    assert values(pages, "id") == ["007", "12345678901234567890", "1.50"]


# A lone carriage return is a line break to some; writers leave it unquoted, so it is not here.
cells = st.lists(st.sampled_from(["x", ",", '"', "\n", "\r\n", " "])).map(
    lambda parts: "x" + "".join(parts)
)


@settings(deadline=None)
@given(
    rows=st.lists(st.tuples(cells, cells), max_size=8),
    line_break=st.sampled_from(["\n", "\r\n"]),
    limit=st.integers(1, 4),
)
def test_whatever_a_writer_puts_into_cells_comes_out_again(rows, line_break, limit):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.csv"
        with path.open("w", newline="") as file:
            writer(file, lineterminator=line_break).writerows([("a", "b"), *rows])
        config = parse_source_config("csv", {"path": str(path)})
        poller = open_poller(config, PollOptions(), ReadLimits(), SecretResolver())
        pages, _ = poll_all(poller, limit=limit)
        found = [tuple(row) for page in pages for row in page.rows.itertuples(index=False)]
        assert found == rows


@pytest.mark.parametrize(
    "content",
    [
        'a,b\n1,"x\ny"\n2,"""\n"""\n3,5" pipe\n4,"say ""\n"" end"\n5,\n',
        'a,b\r\n1,"x\r\ny"\r\n2,"\r\n"\r\n3,5" pipe\r\n4,""\r\n5,\r\n',
        "a,b\r1,x\r2,y\r3,z\r4,\r5,v\rx",
        '"a","b"\n1,"x"tail\n2,","\n3,"\n"\n\n4,q"\n5,""\n',
    ],
)
def test_rows_end_where_the_reader_ends_them(csv, content, open_source):
    whole = open_source("csv", path=str(csv.path))
    for limit in (1, 2, 10):
        pages, _ = poll_all(csv(content), limit=limit)
        assert values(pages, "a") == [1, 2, 3, 4, 5]
        expected = whole.read().head(5)["b"].tolist() if "\rx" not in content else None
        if expected:
            assert [str(value) for value in values(pages, "b")] == [str(b) for b in expected]


def test_delimiters_quotes_decimals_and_encodings_of_others(csv):
    content = "exported\n\nname;wert\n'Müller;\n';1,5\n".encode("cp1252")
    poller = csv(
        content, delimiter=";", quote="'", decimal_point=",", encoding="cp1252", skip_rows=1
    )
    pages, _ = poll_all(poller)
    assert values(pages, "name") == ["Müller;\n"]
    assert values(pages, "wert") == [1.5]


def test_a_mark_of_byte_order_is_no_part_of_a_name(csv):
    assert list(csv("\ufeffa,b\n1,2\n").poll(None, 1).rows.columns) == ["a", "b"]


def test_a_header_alone_gives_columns_and_a_part_of_one_none(csv):
    page = csv("a,b").poll(None, 10)
    assert list(page.rows.columns) == []
    page = csv("a,b\n").poll(page.next_cursor, 10)
    assert list(page.rows.columns) == ["a", "b"]
    assert csv("a,b\n1,2\n").poll(page.next_cursor, 10).rows["b"].tolist() == [2]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("a,b\n" + "1\n" * 10, "line 2 has 1 values, the header has 2 columns"),
        ("a;b\n1;2\n", "its only column is named `a;b`: set `delimiter` to ';'"),
        ("a,a\n1,2\n", "more than one column is named `a`"),
        (("name\n" + "Müller\n" * 10).encode("cp1252"), "line 2 is not utf-8: set `encoding`"),
        ("größe\n1\n".encode("cp1252"), "the header is not utf-8: set `encoding`"),
    ],
)
def test_a_file_that_is_not_right_says_what_and_where(csv, content, problem):
    with pytest.raises(SourceError) as caught:
        csv(content).poll(None, 10)
    assert f"log.csv: {problem}" in str(caught.value) or problem in str(caught.value)


@pytest.mark.parametrize(
    ("content", "left", "why"),
    [
        ("a,b\n1\n2,3\n", [2], "line 2 has 1 values, the header has 2 columns: correct the line"),
        ("a,b\n1,2\n\n3\n4,5\n", [1, 4], "line 4 has 1 values, the header has 2 columns"),
        ('a,b\n"1\n\n",2\n1,2,3\n4,5\n', ["1\n\n", "4"], "line 5 has 3 values"),
        ("a,b\n1,x\n2,Müller\n3,x\n".encode("cp1252"), [1, 3], "line 3 is not utf-8: set"),
        ("a,b\n1,x\n2,\0y\n3,x\n", [1, 3], "line 3 holds a NUL byte"),
        ('a,b\n1,x\n2,"\0\ny"\n3,4,5\n6,x\n', [1, 6], "line 3 holds a NUL byte"),
    ],
)
def test_a_row_that_cannot_be_read_is_left_out_and_said_once(csv, content, left, why):
    page = csv(content).poll(None, 10)
    assert page.rows["a"].tolist() == left
    assert sum(why in notice for notice in page.notices) == 1
    again = csv(content).poll(page.next_cursor, 10)
    assert (len(again.rows), again.notices) == (0, ())


def test_a_misfit_after_a_row_that_was_left_out_is_named_by_its_line(csv):
    cursor = csv("a,b\n1,2\n").poll(None, 10).next_cursor
    page = csv("a,b\n1,2\n1\n\nx,2\n").poll(cursor, 10)
    assert page.rows["b"].tolist() == [2.0]
    assert page.rows["a"].isna().all()
    assert any("line 5: column `a` has held numbers so far" in said for said in page.notices)


def test_a_column_that_is_not_there_names_the_closest(csv):
    for options in ({"columns": ("amout",)}, {"key_columns": ("amout",)}):
        with pytest.raises(SourceError, match="has no column `amout`: did you mean `amount`"):
            csv("amount\n1\n", **options).poll(None, 1)


def test_an_encoding_of_wide_characters_is_refused(csv):
    with pytest.raises(SourceError, match="a file in utf-16 cannot be read on from a byte"):
        csv("", encoding="utf-16")


def test_a_value_that_is_no_boolean_or_time_any_more_is_missing_and_said(csv):
    poller = csv("at,flag\n2024-01-31,true\n", cursor_column="at")
    cursor = poller.poll(None, 1).next_cursor
    for row, problem in (
        ("soon,true", "line 3: column `at` has held times so far, and holds 'soon' here"),
        ("2024-02-01,so", "line 3: column `flag` has held booleans so far, and holds 'so' here"),
    ):
        page = csv(f"at,flag\n2024-01-31,true\n{row}\n", cursor_column="at").poll(cursor, 1)
        assert problem in page.notices[0]
        assert page.rows.isna().sum(axis=None) == 1


def test_a_quote_left_open_is_said_while_it_is_waited_for(csv):
    page = csv('a,b\n1,"x\n' + "2,y\n" * 2000).poll(None, 10)
    assert page.rows.empty
    assert "a quote opened in line 2 is not closed in 2001 lines" in page.notices[0]
