import pytest

from sources.errors import SourceError
from tests.sources.following import notices, poll_all, values


@pytest.fixture
def jsonl(tmp_path, open_poll):
    """Return a function that writes JSON lines and opens a poller of them."""

    def jsonl(content, **fields):
        path = tmp_path / "log.jsonl"
        path.write_text(content)
        return open_poll("jsonl", path=str(path), **fields)

    return jsonl


def test_columns_stay_once_they_have_been_seen(jsonl):
    pages, _ = poll_all(jsonl('{"a": 1}\n{"b": "x"}\n{"a": 2, "c": null}\n{}\n'), limit=1)
    assert [list(page.rows.columns) for page in pages] == [
        ["a"],
        ["a", "b"],
        *[["a", "b", "c"]] * 2,
    ]
    assert [str(dtype) for dtype in pages[-1].rows.dtypes] == ["float64", "str", "float64"]


def test_a_column_wanted_that_no_line_has_is_said_once(jsonl):
    poller = jsonl('{"amount": 1}\n{"amount": 2}\n', columns=("amout",), key_columns=("id",))
    pages, _ = poll_all(poller, limit=1)
    said = notices(pages)
    assert len(said) == 2
    assert "has no column `amout` so far: did you mean `amount`?" in said[0]
    assert list(pages[1].rows.columns) == ["amout", "id"]


def test_numbers_of_every_size_are_floats_and_nested_values_text(jsonl):
    pages, _ = poll_all(jsonl('{"a": 1, "b": {"c": 1}}\n{"a": 1%s}\n{"a": NaN}\n' % ("0" * 400)))
    assert values(pages, "a")[:2] == [1, float("inf")]
    assert values(pages, "b")[0] == '{"c": 1}'


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "line 3 is not valid JSON at column 2"),
        ("[1]", "line 3 holds no object: expected one with a value for each"),
        ("1", "line 3 holds no object"),
        ('{"a": ' * 100_000, "line 3 is nested too deeply"),
        ('{"a": 1' + "0" * 5000 + "}", "line 3 is not JSON that can be read"),
    ],
)
def test_a_line_that_is_no_record_is_left_out_and_named(jsonl, line, problem):
    cursor = jsonl('{"a": 1}\n').poll(None, 1).next_cursor
    page = jsonl('{"a": 1}\n\n' + line + '\n{"a": 2}\n').poll(cursor, 10)
    assert page.rows["a"].tolist() == [2]
    (notice,) = page.notices
    assert f"1 row was left out: {problem}" in notice


def test_lines_of_which_none_is_a_record_are_an_error(jsonl):
    with pytest.raises(SourceError, match=r"line 1 is not valid JSON.*\(and 9 other rows\)"):
        jsonl("a,b\n" * 10).poll(None, 100)


def test_half_a_character_is_replaced_and_in_a_key_escaped(jsonl):
    pairs = [("k", "x"), (r"\ud83d", r"\ud83d"), (r"\ud83e", r"\ud83d\ude00")]
    text = "".join(f'{{"id": "{key}", "a": "{value}"}}\n' for key, value in pairs)
    page = jsonl(text, key_columns=("id",)).poll(None, 10)
    assert page.rows["id"].tolist() == ["k", r"\ud83d", r"\ud83e"]
    assert page.rows["a"].tolist() == ["x", "\ufffd", "😀"]
    (notice,) = page.notices
    assert "3 texts hold characters that cannot be kept" in notice
    assert "the first: line 2, column `id`" in notice
