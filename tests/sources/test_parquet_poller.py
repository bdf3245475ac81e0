import pandas as pd
import pyarrow as pa
import pytest
from fsspec import filesystem
from pyarrow import parquet

from sources.base import ReadLimits
from sources.errors import SourceError, TransientSourceError
from sources.polling import Lag
from tests.sources.following import notices, poll_all, same_pages, values


@pytest.fixture
def lake(tmp_path):
    folder = tmp_path / "lake"
    folder.mkdir()
    return folder


@pytest.fixture
def poller(lake, open_poll):
    return open_poll("parquet", path=str(lake))


def write(path, group=None, **columns):
    path.parent.mkdir(exist_ok=True)
    parquet.write_table(pa.table(columns), path, row_group_size=group)


def test_files_are_given_in_the_order_of_their_names_across_pages(lake, poller):
    write(lake / "b.parquet", a=[4, 5])
    write(lake / "a.parquet", group=2, a=[1, 2, 3])
    pages, cursor = poll_all(poller, limit=2)
    assert [page.rows["a"].tolist() for page in pages] == [[1, 2], [3, 4], [5]]
    assert [page.lag for page in pages] == [Lag(n, "files") for n in (2, 1, 0)]
    assert [page.rows.index.tolist() for page in pages] == [[0, 1], [0, 1], [0]]
    write(lake / "c.parquet", a=[6])
    write(lake / "aa.parquet", a=[7])  # new, although its name is not the last
    pages, cursor = poll_all(poller, cursor)
    assert values(pages, "a") == [7, 6]
    assert not notices(pages)


def test_the_same_cursor_gives_the_same_rows_in_another_process(lake, open_poll):
    write(lake / "a.parquet", group=3, a=list(range(10)))
    write(lake / "b.parquet", a=[10, 11])
    cursor = None
    for _ in range(6):
        some, others = (
            poll_all(open_poll("parquet", path=str(lake)), cursor, limit)[0] for limit in (2, 5)
        )
        assert same_pages(some, others)
        cursor = some[0].next_cursor
    assert values(some, "a") == [10, 11]


def test_a_file_without_its_end_waits_and_others_do_not_wait_for_it(lake, poller):
    write(lake / "a.parquet", a=[1])
    whole = (lake / "a.parquet").read_bytes()
    write(lake / "b.parquet", a=[2])
    cursor = None
    for end in (0, 5, len(whole) - 3):
        (lake / "a.parquet").write_bytes(whole[:end])
        page = poller.poll(cursor, 10)
        assert values([page], "a") == ([2] if cursor is None else [])
        assert (page.more, page.lag, page.notices) == (False, Lag(1, "files"), ())
        cursor = page.next_cursor
    (notice,) = poller.poll(cursor, 10).notices
    assert "a.parquet is no whole Parquet file, and has not grown since the last poll" in notice
    (lake / "a.parquet").write_bytes(whole)
    assert values([poller.poll(cursor, 10)], "a") == [1]


def test_a_file_changed_after_it_was_read_is_said_once_and_not_read_again(lake, poller):
    write(lake / "a.parquet", a=[1])
    cursor = poller.poll(None, 10).next_cursor
    write(lake / "a.parquet", a=[1, 2])
    pages, cursor = poll_all(poller, cursor)
    assert values(pages, "a") == []
    assert "a.parquet was changed after it was read, and is not read again" in notices(pages)[0]
    assert not notices(poll_all(poller, cursor)[0])


@pytest.mark.parametrize("removed", [False, True])
def test_a_file_changed_while_it_is_read_is_said_and_left(lake, poller, removed):
    write(lake / "a.parquet", a=[1, 2, 3])
    write(lake / "b.parquet", a=[4])
    cursor = poller.poll(None, 2).next_cursor
    write(lake / "a.parquet", a=[1, 2, 3, 9])
    if removed:
        (lake / "a.parquet").unlink()
    pages, cursor = poll_all(poller, cursor)
    assert values(pages, "a") == [4]
    what = "removed" if removed else "changed"
    (notice,) = notices(pages)
    assert f"a.parquet was {what} while it was read: what followed its row 2 was not" in notice


def test_what_is_remembered_shrinks_with_the_folder(lake, poller):
    for number in range(20):
        write(lake / f"{number}.parquet", a=[number])
    _, cursor = poll_all(poller)
    for number in range(19):
        (lake / f"{number}.parquet").unlink()
    assert len(poller.poll(cursor, 1).next_cursor) < len(cursor) / 3


def test_folders_give_columns_and_hidden_files_none(lake, open_poll):
    write(lake / "year=2023" / "z.parquet", a=[1])
    write(lake / "year=2024" / "a.parquet", a=[2])
    (lake / "_SUCCESS").touch()
    pages, _ = poll_all(open_poll("parquet", path=str(lake), columns=("year", "a")))
    assert pages[0].rows.to_dict("list") == {"year": [2023, 2024], "a": [1, 2]}


def test_columns_keep_their_types_across_files(lake, open_poll):
    moment = pd.Timestamp("2024-01-31 10:00:00.123456789")
    write(lake / "a.parquet", id=[7], n=pa.array([1], pa.int8()), at=[moment], late=[None])
    write(lake / "b.parquet", n=[1.5], at=[moment.tz_localize("UTC")], late=["x"], new=[True])
    poller = open_poll("parquet", path=str(lake), key_columns=("id",), cursor_column="at")
    pages, _ = poll_all(poller, limit=1)
    assert [str(dtype) for dtype in pages[1].rows.dtypes] == [
        "str", "float64", "datetime64[us, UTC]", "str", "float64",
    ]  # fmt: skip
    together = poller.poll(None, 10).rows
    assert together["late"].isna().tolist() == [True, False]
    assert str(together["late"].dtype) == "str"
    assert together["id"].isna().tolist() == [False, True]
    assert together["at"].tolist() == [moment.floor("us").tz_localize("UTC")] * 2


def test_a_text_where_there_were_numbers_is_missing_and_said_with_file_and_row(lake, poller):
    write(lake / "a.parquet", a=[1])
    write(lake / "b.parquet", a=[None, "six"])
    page = poller.poll(None, 10)
    assert page.rows["a"].fillna(-1).tolist() == [1, -1, -1]
    assert "b.parquet, row 2: column `a` has held numbers so far" in page.notices[0]


def test_one_file_is_read_once(lake, open_poll):
    write(lake / "a.parquet", a=[1, 2])
    pages, cursor = poll_all(open_poll("parquet", path=str(lake / "a.parquet")), limit=1)
    assert values(pages, "a") == [1, 2]
    assert values(poll_all(open_poll("parquet", path=str(lake)), cursor)[0], "a") == []


def test_a_folder_that_is_not_there_yet_is_waited_for(tmp_path, open_poll):
    poller = open_poll("parquet", path=str(tmp_path / "later"))
    with pytest.raises(TransientSourceError, match=r"later: is not there \(yet\)"):
        poller.poll(None, 10)
    (tmp_path / "later").mkdir()
    page = poller.poll(None, 10)
    write(tmp_path / "later" / "empty.parquet", a=pa.array([], pa.int64()))
    write(tmp_path / "later" / "full.parquet", a=[1])
    assert values([poller.poll(page.next_cursor, 10)], "a") == [1]


def test_large_rows_make_short_pages_and_a_large_group_an_error(lake, open_poll):
    write(lake / "a.parquet", word=[str(n) * 30_000_000 for n in range(4)])
    pages, _ = poll_all(open_poll("parquet", path=str(lake)))
    assert [len(page.rows) for page in pages] == [2, 2]
    with pytest.raises(
        SourceError, match=r"a\.parquet, row group 1: is larger than the 1000 bytes"
    ):
        open_poll("parquet", path=str(lake), limits=ReadLimits(max_bytes=1000)).poll(None, 1)


def test_files_of_a_store_are_polled(open_poll):
    store = filesystem("memory")
    store.makedirs("/polled", exist_ok=True)
    poller = open_poll("parquet", path="memory://polled")
    cursor = None
    for number in range(2):
        with store.open(f"/polled/{number}.parquet", "wb") as file:
            parquet.write_table(pa.table({"a": [number]}), file)
        page = poller.poll(cursor, 10)
        assert values([page], "a") == [number]
        cursor = page.next_cursor


def test_more_files_than_can_be_remembered_are_an_error(lake, poller, monkeypatch):
    monkeypatch.setattr("sources.parquet_folder.MAX_GIVEN", 2)
    for number in range(3):
        write(lake / f"{number}.parquet", a=[number])
    with pytest.raises(SourceError, match=r"more than 2 files that were read.*move files"):
        poll_all(poller)


@pytest.mark.parametrize("cursor", ["", '{"kind": "csv"}', '{"kind": "parquet", "row": "x"}'])
def test_a_foreign_cursor_is_refused(poller, cursor):
    with pytest.raises(SourceError, match="`vigil streams reset`"):
        poller.poll(cursor, 1)
