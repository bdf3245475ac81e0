"""What CSV and JSON lines have in common: files that grow, are rotated, truncated, half-written."""

import json
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.base import ReadLimits
from sources.config import parse_source_config
from sources.errors import SourceError, TransientSourceError
from sources.growing_file import PAGE_BYTES
from sources.pollers import open_poller
from sources.polling import Lag, PollOptions
from sources.secrets import SecretResolver
from tests.sources.following import notices, poll_all, same_pages, values

KINDS = ["csv", "jsonl"]


def written(kind: str, numbers: list[int]) -> str:
    """A file of these numbers in column ``a``, and a text beside them."""
    if kind == "csv":
        return "a,b\n" + "".join(map(row_of(kind), numbers))
    return "".join(map(row_of(kind), numbers))


def row_of(kind: str):
    def row(number: int) -> str:
        if kind == "csv":
            return f'{number},"text ""{number}"",\nand more"\n'
        return json.dumps({"a": number, "b": f"text {number}"}) + "\n"

    return row


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def log(kind, tmp_path):
    """A file of three rows."""
    path = tmp_path / f"log.{kind}"
    path.write_text(written(kind, [1, 2, 3]))
    return path


@pytest.fixture
def poller(kind, log, open_poll):
    return open_poll(kind, path=str(log))


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def test_rows_come_page_by_page_and_new_ones_later(kind, log, poller):
    pages, cursor = poll_all(poller, limit=2)
    assert [page.rows["a"].tolist() for page in pages] == [[1, 2], [3]]
    assert [page.more for page in pages] == [True, False]
    assert pages[-1].lag == Lag(0, "bytes")
    append(log, row_of(kind)(4))
    page = poller.poll(cursor, 10)
    assert page.rows["a"].tolist() == [4]
    assert page.rows.index.tolist() == [0]
    assert poller.poll(page.next_cursor, 10).rows.empty


def test_the_same_cursor_gives_the_same_rows_also_in_another_process(kind, log, poller, open_poll):
    first = poller.poll(None, 1)
    again = [poller.poll(first.next_cursor, 2), poller.poll(first.next_cursor, 2)]
    again.append(open_poll(kind, path=str(log)).poll(first.next_cursor, 2))
    assert [page.rows["a"].tolist() for page in again] == [[2, 3]] * 3
    assert len({page.next_cursor for page in again}) == 1


def test_a_half_written_row_waits_for_its_line_break(kind, log, poller):
    _, cursor = poll_all(poller)
    row = row_of(kind)(4)
    for end in range(len(row)):
        log.write_text(written(kind, [1, 2, 3]) + row[:end])
        page = poller.poll(cursor, 10)
        assert page.rows.empty
        assert page.lag == Lag(end, "bytes")
        assert not page.more
        cursor = page.next_cursor
    append(log, row[-1])
    assert poller.poll(cursor, 10).rows["a"].tolist() == [4]


def test_a_file_that_is_not_there_yet_is_waited_for(kind, tmp_path, open_poll):
    path = tmp_path / "later"
    poller = open_poll(kind, path=str(path))
    with pytest.raises(TransientSourceError, match=r"later: is not there \(yet\)"):
        poller.poll(None, 10)
    path.touch()
    empty = poller.poll(None, 10)
    assert empty.rows.empty
    path.write_text(written(kind, [1]))
    assert poller.poll(empty.next_cursor, 10).rows["a"].tolist() == [1]


def test_a_truncated_file_is_read_from_its_start_and_said(kind, log, poller):
    _, cursor = poll_all(poller)
    with log.open("r+") as file:
        file.truncate(0)
    append(log, written(kind, [7]))
    pages, cursor = poll_all(poller, cursor)
    assert values(pages, "a") == [7]
    (notice,) = notices(pages)
    assert f"{log}: was truncated from at least " in notice
    assert "reading it from its start; what stood after line" in notice
    assert not notices(poll_all(poller, cursor)[0])


def test_a_file_written_anew_and_longer_is_read_from_its_start_and_said(kind, log, poller):
    _, cursor = poll_all(poller)
    log.write_text(written(kind, [7, 8, 9, 10, 11]))
    pages, _ = poll_all(poller, cursor)
    assert values(pages, "a") == [7, 8, 9, 10, 11]
    assert "was written anew: its first" in notices(pages)[0]


def test_the_rest_of_a_rotated_file_comes_before_the_new_one(kind, log, poller):
    first = poller.poll(None, 1)
    append(log, row_of(kind)(4) + row_of(kind)(5)[:4])
    log.rename(log.with_name("log.1"))
    log.write_text(written(kind, [1, 2, 3, 6]))
    pages, cursor = poll_all(poller, first.next_cursor, limit=2)
    assert values(pages, "a") == [2, 3, 4, 1, 2, 3, 6]
    (notice,) = notices(pages)
    assert (
        "was rotated: log.1, as it is called now, was read to its end, but for the last 4" in notice
    )
    append(log, row_of(kind)(7))
    assert poller.poll(cursor, 10).rows["a"].tolist() == [7]


def test_a_rotated_file_that_is_gone_is_said(kind, log, poller, tmp_path):
    first = poller.poll(None, 1)
    log.rename(tmp_path.parent / f"{tmp_path.name}-elsewhere")
    with pytest.raises(TransientSourceError, match="is not there"):
        poller.poll(first.next_cursor, 10)
    log.write_text(written(kind, [6]))
    pages, _ = poll_all(poller, first.next_cursor)
    assert values(pages, "a") == [6]
    assert "no longer in its folder: what stood in it after line" in notices(pages)[0]


def test_a_rotated_file_that_was_changed_is_not_read_further(kind, log, poller):
    first = poller.poll(None, 1)
    old = log.rename(log.with_name("log.1"))
    old.write_text(written(kind, [9, 9, 9]))
    log.write_text(written(kind, [6]))
    pages, _ = poll_all(poller, first.next_cursor)
    assert values(pages, "a") == [6]
    assert "was rotated, and log.1, as it is called now, has changed since" in notices(pages)[0]


@settings(deadline=None)
@given(data=st.data(), kind=st.sampled_from(KINDS))
def test_every_row_is_given_once_and_in_order_whatever_happens_in_between(data, kind):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log"
        path.write_text(written(kind, []))
        config = parse_source_config(kind, {"path": str(path)})
        poller = open_poller(config, PollOptions(), ReadLimits(), SecretResolver())
        cursor, seen, number, half = None, [], 0, ""
        steps = data.draw(st.lists(st.sampled_from(["row", "half", "poll", "rotate", "repeat"])))
        for step in [*steps, "poll"]:
            if step == "row":
                append(path, half or row_of(kind)(number))
                number, half = number + 1, ""
            elif step == "half" and not half:
                row = row_of(kind)(number)
                cut = data.draw(st.integers(1, len(row) - 1))
                append(path, row[:cut])
                half = row[cut:]
            elif step == "rotate" and cursor and not half:
                path.rename(path.with_name(f"log.{len(os.listdir(folder))}"))
                path.write_text(written(kind, []))
                pages, cursor = poll_all(poller, cursor)
                seen += values(pages, "a")
            elif step == "poll":
                pages, cursor = poll_all(poller, cursor, data.draw(st.integers(1, 5)))
                seen += values(pages, "a")
            elif step == "repeat":
                poller.close()
                poller = open_poller(config, PollOptions(), ReadLimits(), SecretResolver())
                assert same_pages(poll_all(poller, cursor)[0], poll_all(poller, cursor)[0])
        assert seen == list(range(number))


def test_columns_keys_and_cursor_have_the_types_promised(kind, tmp_path, open_poll):
    path = tmp_path / "log"
    header = "id,n,flag,at,day,word\n" if kind == "csv" else ""
    rows = [[7, 1, True, "2024-01-31T10:00:00", "2024-01-31", "x"],
            [8, 2.5, False, "2024-01-31T12:00:00+02:00", "soon", "5"]]  # fmt: skip
    names = ["id", "n", "flag", "at", "day", "word"]
    lines = [
        ",".join(map(str, row)) if kind == "csv" else json.dumps(dict(zip(names, row, strict=True)))
        for row in rows
    ]
    path.write_text(header + "".join(f"{line}\n" for line in lines))
    poller = open_poll(kind, path=str(path), key_columns=("id",), cursor_column="at")
    pages, _ = poll_all(poller, limit=1)
    for page in pages:
        assert [str(dtype) for dtype in page.rows.dtypes] == [
            "str", "float64", "float64", "datetime64[us, UTC]", "str", "str",
        ]  # fmt: skip
    assert values(pages, "id") == ["7", "8"]
    assert values(pages, "n") == [1, 2.5]
    assert values(pages, "flag") == [1, 0]
    assert [str(at) for at in values(pages, "at")] == [
        "2024-01-31 10:00:00+00:00", "2024-01-31 10:00:00+00:00",
    ]  # fmt: skip
    assert values(pages, "day") == ["2024-01-31", "soon"]
    assert values(pages, "word") == ["x", "5"]


def test_only_columns_wanted_come_with_those_that_identify(kind, log, open_poll):
    poller = open_poll(kind, path=str(log), columns=("a",), key_columns=("b",))
    assert list(poller.poll(None, 10).rows.columns) == ["a", "b"]


def test_a_text_where_there_were_numbers_is_missing_and_said_with_its_line(kind, log, open_poll):
    _, cursor = poll_all(open_poll(kind, path=str(log)))
    append(log, "5,x\nsix,x\n6,x\n" if kind == "csv" else '{"a": 5}\n\n{"a": "six"}\n{"a": 6}\n')
    page = open_poll(kind, path=str(log)).poll(cursor, 10)
    line = 9 if kind == "csv" else 6
    assert page.rows["a"].fillna(-1).tolist() == [5, -1, 6]
    assert (
        f"{log}: line {line}: column `a` has held numbers so far, and holds 'six' here"
        in (page.notices[0])
    )
    assert open_poll(kind, path=str(log)).poll(page.next_cursor, 10).notices == ()


@pytest.mark.parametrize("cursor", ["", "{}", "[]", '{"kind": "csv", "x": 1}', '{"kind": "sql"}'])
def test_a_cursor_of_another_source_or_a_damaged_one_is_refused(poller, cursor):
    with pytest.raises(SourceError, match="begin again with `vigil streams reset`"):
        poller.poll(cursor, 10)


def test_a_cursor_of_the_other_kind_of_file_is_refused(kind, log, open_poll, poller):
    other = KINDS[1 - KINDS.index(kind)]
    with pytest.raises(SourceError, match=f"is one of kind {kind}: .*streams reset"):
        open_poll(other, path=str(log)).poll(poller.poll(None, 1).next_cursor, 1)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"PAR1\x00\x01", "is a Parquet file"),
        (b"\x00\x01\x02\xff" * 1000, "holds binary data, expected text"),
        ("a\n1\n".encode("utf-16"), "is text in utf-16, not in utf-8"),
    ],
)
def test_a_file_that_is_no_text_is_refused(kind, tmp_path, open_poll, content, problem):
    path = tmp_path / "log"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=problem):
        open_poll(kind, path=str(path)).poll(None, 10)


def test_a_row_with_nul_bytes_far_into_a_file_is_left_out_with_its_line(kind, tmp_path, open_poll):
    path = tmp_path / "log"
    numbers = list(range(5000))
    path.write_text(written(kind, numbers) + "\0" * 100 + row_of(kind)(1))
    poller = open_poll(kind, path=str(path))
    line = 10_002 if kind == "csv" else 5001
    pages, _ = poll_all(poller, limit=10_000)
    assert sum(len(page.rows) for page in pages) == 5000
    (notice,) = notices(pages)
    assert f"1 row was left out: line {line} " in notice
    assert "NUL byte" in notice


def overlong(kind: str, size: int, quoted: bool) -> str:
    """A row of this size, with a line break in it where it is quoted, and it may be."""
    if kind == "jsonl":
        return json.dumps({"a": 0, "b": "x" * size}) + "\n"
    text = "x" * size
    return f'0,"{text}""\n,{text[:100]}"\n' if quoted else f"0,{text}\n"


@pytest.mark.parametrize("pages", [1, 2, 3])
@pytest.mark.parametrize("quoted", [False, True])
def test_an_overlong_row_is_left_out_once_and_those_around_it_are_read(
    kind, log, poller, open_poll, pages, quoted
):
    line = log.read_text().count("\n") + 2
    row = overlong(kind, pages * PAGE_BYTES, quoted)
    append(log, row_of(kind)(4) + row + row_of(kind)(5) + row_of(kind)(6))
    found, cursor = poll_all(poller, limit=4)
    assert values(found, "a") == [1, 2, 3, 4, 5, 6]
    (notice,) = notices(found)
    if kind == "csv":
        line += 1  # the fourth row has two lines
    assert notice.endswith(f"1 row was left out: line {line} is longer than {PAGE_BYTES} bytes")
    for number, page in enumerate(found):  # another process goes on where each page ended
        rest, _ = poll_all(open_poll(kind, path=str(log)), page.next_cursor)
        assert values(found[: number + 1], "a") + values(rest, "a") == [1, 2, 3, 4, 5, 6]
    append(log, "1,2,3\n")
    (said,) = notices([poller.poll(cursor, 10)])
    assert f"line {log.read_text().count(chr(10))} " in said


def test_an_overlong_row_without_end_waits_for_it_and_is_said_once(kind, log, poller):
    _, cursor = poll_all(poller)
    append(log, "1" * (2 * PAGE_BYTES + 100))
    found, cursor = poll_all(poller, cursor)
    assert len(notices(found)) == 1
    assert found[-1].lag == Lag(100, "bytes")
    again = poller.poll(cursor, 10)
    assert (again.next_cursor, again.notices, again.more) == (cursor, (), False)
    append(log, "1\n" + row_of(kind)(4))
    found, _ = poll_all(poller, cursor)
    assert values(found, "a") == [4]
    assert not notices(found)


def test_a_file_that_is_truncated_within_an_overlong_row_is_read_from_its_start(kind, log, poller):
    _, cursor = poll_all(poller)
    append(log, "1" * (PAGE_BYTES + 100))
    _, cursor = poll_all(poller, cursor)
    log.write_text(written(kind, [7, 8]))
    found, _ = poll_all(poller, cursor)
    assert values(found, "a") == [7, 8]


def test_the_file_after_one_that_ends_in_an_overlong_row_is_read(kind, log, poller):
    _, cursor = poll_all(poller)
    append(log, "1" * (PAGE_BYTES + 100))
    log.rename(log.with_name("old"))
    log.write_text(written(kind, [7, 8]))
    found, _ = poll_all(poller, cursor)
    assert values(found, "a") == [7, 8]


def test_a_quote_that_is_open_over_many_lines_is_no_overlong_row(tmp_path, open_poll):
    path = tmp_path / "log.csv"
    path.write_text('a,b\n1,x\n2,"open\n' + "3,text\n" * 3_000_000)
    poller = open_poll("csv", path=str(path))
    page = poller.poll(None, 10)
    with pytest.raises(SourceError, match=r"line 3 is longer than 16777216 bytes: .*quote"):
        poller.poll(page.next_cursor, 10)


def test_long_rows_make_short_pages(kind, tmp_path, open_poll):
    path = tmp_path / "log"
    text = "x" * 5_000_000
    row = f"1,{text}\n" if kind == "csv" else json.dumps({"a": 1, "b": text}) + "\n"
    path.write_text(written(kind, []) + row * 5)
    pages, _ = poll_all(open_poll(kind, path=str(path)))
    assert [len(page.rows) for page in pages] == [3, 2]


def test_what_cannot_grow_is_refused_with_the_way_out(kind, open_poll):
    with pytest.raises(SourceError, match=r"an object of a store does not grow.*`kind: parquet`"):
        open_poll(kind, path="s3://lake/log")
    with pytest.raises(SourceError, match=r"a packed file cannot be read on from .*unpacked"):
        open_poll(kind, path="log.gz")


def test_a_folder_or_a_device_is_refused(kind, tmp_path, open_poll):
    for path, what in ((tmp_path, "a folder"), ("/dev/null", "a device or pipe")):
        with pytest.raises(SourceError, match=f"is {what}: expected a regular file"):
            open_poll(kind, path=str(path)).poll(None, 10)
