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
def test_a_line_that_is_no_record_is_named(jsonl, line, problem):
    cursor = jsonl('{"a": 1}\n').poll(None, 1).next_cursor
    with pytest.raises(SourceError, match=problem):
        jsonl('{"a": 1}\n\n' + line + "\n").poll(cursor, 10)
