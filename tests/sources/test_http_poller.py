import json

import pytest

from sources.base import ReadLimits
from sources.errors import SourceError, TransientSourceError
from sources.polling import Lag
from tests.sources.following import notices, poll_all, values


@pytest.fixture
def open_http(http_server, open_poll):
    """Return a function that opens a poller of a path of the server."""

    def open_http(path="/orders", **fields):
        return open_poll("http", url=http_server.url + path, **fields)

    return open_http


def records(*ids, **more):
    return [{"id": number, **more} for number in ids]


def test_of_a_whole_list_only_new_records_are_given(http_server, open_http):
    http_server.answer("/orders", records(1, 2, 3))
    http_server.answer("/orders", records(1, 2, 3))
    http_server.answer("/orders", records(5, 4, 3, 2))
    poller = open_http(key_columns=("id",))
    first = poller.poll(None, 2)
    assert (values([first], "id"), first.more, first.lag) == (["1", "2"], True, Lag(1, "rows"))
    second = poller.poll(first.next_cursor, 2)
    assert (values([second], "id"), second.more, second.lag) == (["3"], False, Lag(0, "rows"))
    assert values([poller.poll(second.next_cursor, 10)], "id") == ["5", "4"]


def test_the_same_cursor_gives_the_same_records_in_another_process(http_server, open_http):
    http_server.answer("/orders", records(1, 2, 3))
    cursor = open_http().poll(None, 1).next_cursor
    assert values([open_http().poll(cursor, 9) for _ in range(2)], "id") == [2, 3, 2, 3]


def test_without_keys_a_record_is_known_by_all_it_holds(http_server, open_http):
    http_server.answer("/orders", [{"a": 1, "b": 2}, {"a": 1, "b": 2}])
    http_server.answer("/orders", [{"b": 2, "a": 1}, {"a": 1, "b": 2}, {"a": 1, "b": 3}])
    poller = open_http()
    page = poller.poll(None, 10)
    assert values([page], "b") == [2, 2]
    assert values([poller.poll(page.next_cursor, 10)], "b") == [3]


def test_a_list_that_is_empty_for_a_while_is_not_given_again(http_server, open_http):
    http_server.answer("/orders", records(1, 2))
    http_server.answer("/orders", [])
    http_server.answer("/orders", records(1, 2, 3))
    poller = open_http()
    first = poller.poll(None, 10)
    second = poller.poll(first.next_cursor, 10)
    assert second.rows.empty
    assert values([poller.poll(second.next_cursor, 10)], "id") == [3]


def test_what_is_remembered_of_a_list_is_bounded(http_server, open_http):
    cursor = None
    poller = open_http()
    for start in range(0, 5000, 500):
        http_server.answer("/orders", records(*range(start, start + 600)))
        if start:
            http_server.next_answer("/orders")
        page = poller.poll(cursor, 1000)
        cursor = page.next_cursor
        assert len(page.rows) == (600 if start == 0 else 500)
    assert len(json.loads(cursor)["given"]) <= 1000


def test_a_list_too_long_to_remember_is_an_error_with_the_way_out(http_server, open_http):
    http_server.answer("/orders", records(*range(10_001)))
    with pytest.raises(SourceError, match=r"more than 10000 records.*set `pagination: cursor`"):
        open_http().poll(None, 10)


def test_all_pages_of_a_list_are_looked_at(http_server, open_http):
    http_server.answer("/orders?page=1", records(1, 2))
    http_server.answer("/orders?page=2", records(3))
    http_server.answer("/orders", [])
    pages, cursor = poll_all(open_http(pagination="page"), limit=2)
    assert values(pages, "id") == [1, 2, 3]
    http_server.answer("/orders?page=3", records(4))
    assert values(poll_all(open_http(pagination="page"), cursor)[0], "id") == [4]


def test_positions_of_the_answer_are_followed_until_nothing_is_new(http_server, open_http):
    http_server.answer("/feed", {"items": records(1, 2), "next": {"after": "p2"}})
    http_server.answer("/feed?since=p2", {"items": records(3), "next": {"after": 3}})
    http_server.answer("/feed?since=3", {"items": [], "next": {"after": 3}})
    http_server.answer("/feed?since=3", {"items": records(4, 5, 6), "next": {"after": 6}})
    http_server.answer("/feed?since=6", {"items": [], "next": {}})
    poller = open_http(
        "/feed",
        pagination="cursor",
        cursor_param="since",
        cursor_path="next.after",
        records="items",
    )
    pages, cursor = poll_all(poller, limit=2)
    assert values(pages, "id") == [1, 2, 3]
    pages, cursor = poll_all(poller, cursor, limit=2)
    assert values(pages, "id") == [4, 5, 6]
    assert [request.params for request in http_server.requests] == [
        {}, {"since": "p2"}, {"since": "3"}, {"since": "3"}, {"since": "3"}, {"since": "6"},
    ]  # fmt: skip


def test_a_position_that_does_not_move_gives_only_what_is_new(http_server, open_http):
    for answer in (records(1), records(1), records(1, 2), records(1, 2)):
        http_server.answer("/feed", {"items": answer, "next": None})
    poller = open_http("/feed", pagination="cursor", cursor_path="next", records="items")
    pages, cursor = poll_all(poller)
    assert values(pages, "id") == [1]
    assert values(poll_all(poller, cursor)[0], "id") == [2]


def test_new_positions_without_records_are_no_reason_to_ask_at_once(http_server, open_http):
    http_server.answer("/feed", {"items": [], "next": "p1"})
    page = open_http("/feed", pagination="cursor", cursor_path="next", records="items").poll(
        None, 1
    )
    assert not page.more
    assert json.loads(page.next_cursor)["position"] == "p1"


@pytest.mark.parametrize("inclusive", [True, False])
def test_the_last_value_of_a_column_is_the_position(http_server, open_http, inclusive):
    rows = [{"id": n, "at": f"2024-01-31T10:00:0{n // 2}Z"} for n in range(4)]
    last = rows[-1]["at"].replace(":", "%3A")
    http_server.answer("/feed", rows[::-1])  # the newest first
    http_server.answer(f"/feed?since={last}", rows[2:] if inclusive else [])
    poller = open_http("/feed", pagination="cursor", cursor_param="since", cursor_column="at")
    pages, cursor = poll_all(poller)
    assert values(pages, "id") == [1, 0, 3, 2]
    assert str(pages[0].rows["at"].dtype) == "datetime64[us, UTC]"
    later = {"id": 9, "at": "2024-01-31T10:00:02Z"}
    answer = [*(rows[2:] if inclusive else []), {"id": 8, "at": rows[-1]["at"]}, later]
    http_server.answer(f"/feed?since={last}", answer)
    http_server.next_answer(f"/feed?since={last}")
    http_server.answer("/feed?since=2024-01-31T10%3A00%3A02Z", [later] if inclusive else [])
    assert values(poll_all(poller, cursor, limit=1)[0], "id") == [8, 9]


def test_a_server_that_heeds_no_position_repeats_nothing(http_server, open_http):
    http_server.answer("/feed", [{"at": 2}, {"at": 10}, {"at": 2}, {"at": None}])
    poller = open_http("/feed", pagination="cursor", cursor_column="at")
    pages, cursor = poll_all(poller, limit=1)
    assert values(pages, "at") == [2, 2, 10]
    assert len(notices(pages)) == 1
    assert "has records without a value in `at`: they are never read" in notices(pages)[0]
    assert poll_all(poller, cursor)[0][0].rows.empty


@pytest.mark.parametrize("column", [["a9", "a10"], [1, "2024-01-31"], [True], [[1], [2]]])
def test_values_without_a_sure_order_are_refused(http_server, open_http, column):
    http_server.answer("/feed", [{"at": value} for value in column])
    with pytest.raises(SourceError, match="`at` holds values that are not all numbers"):
        open_http("/feed", pagination="cursor", cursor_column="at").poll(None, 1)


def test_something_must_say_from_where_to_read_on(open_http, open_source, http_server):
    with pytest.raises(SourceError, match=r"set `cursor_path` to where .*, or `cursor_column`"):
        open_http(pagination="cursor")
    with pytest.raises(SourceError, match="only a stream can read on from the last value"):
        open_source("http", url=http_server.url, pagination="cursor").read()


def test_a_reader_follows_positions_to_their_end(http_server, open_source):
    http_server.answer("/feed", {"items": records(1, 2), "next": 2})
    http_server.answer("/feed?cursor=2", {"items": records(3), "next": 2})
    reader = open_source(
        "http", url=f"{http_server.url}/feed", pagination="cursor", cursor_path="next",
        records="items",
    )  # fmt: skip
    assert reader.read()["id"].tolist() == [1, 2, 3]


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_asks_to_wait_is_no_error(http_server, open_http, status):
    http_server.answer("/orders", records(1))
    http_server.answer("/orders", status=status, headers={"Retry-After": "120"})
    http_server.answer("/orders", records(1, 2))
    poller = open_http()
    first = poller.poll(None, 10)
    waiting = poller.poll(first.next_cursor, 10)
    assert waiting.rows.empty
    assert list(waiting.rows.columns) == ["id"]
    assert waiting.wait_seconds == 120
    assert f"answered {status}" in waiting.notices[0]
    assert not waiting.more
    assert values([poller.poll(waiting.next_cursor, 10)], "id") == [2]


def test_a_wait_is_at_most_a_day(http_server, open_http):
    http_server.answer("/orders", status=429, headers={"Retry-After": "inf"})
    assert open_http().poll(None, 10).wait_seconds == 86_400


def test_a_server_that_fails_is_not_asked_twice_in_one_poll(http_server, open_http):
    http_server.answer("/orders", status=503)
    with pytest.raises(TransientSourceError, match="answered 503"):
        open_http(limits=ReadLimits(retries=5)).poll(None, 10)
    assert len(http_server.requests) == 1


def test_an_unchanged_answer_is_not_sent_again(http_server, open_http):
    http_server.answer("/orders", records(1), headers={"ETag": '"v1"'})
    poller = open_http()
    page = poller.poll(None, 10)
    assert poller.poll(page.next_cursor, 10).rows.empty
    assert http_server.requests[1].headers["if-none-match"] == '"v1"'


def test_a_text_where_there_were_numbers_is_missing_and_said_with_its_record(
    http_server, open_http
):
    http_server.answer("/orders", records(1, a=5))
    http_server.answer("/orders", [*records(1, a=5), *records(2, a="six")])
    poller = open_http()
    cursor = poller.poll(None, 10).next_cursor
    page = poller.poll(cursor, 10)
    assert page.rows["a"].isna().all()
    assert "record 2: column `a` has held numbers so far" in page.notices[0]


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({"items": [1] * 10, "next": 1}, "record 1 is a number"),
        ({"items": [], "next": [1]}, "expected a position at `next`"),
        ({"items": [], "next": float("nan")}, "expected a position at `next`"),
        ({"rows": []}, "expected a list of records at `items`"),
    ],
)
def test_an_answer_that_is_not_right_says_what(http_server, open_http, document, problem):
    http_server.answer("/feed", document)
    poller = open_http("/feed", pagination="cursor", cursor_path="next", records="items")
    with pytest.raises(SourceError, match=problem):
        poller.poll(None, 10)


def test_a_record_that_is_no_object_is_left_out_and_said_once(http_server, open_http):
    http_server.answer("/feed", [{"a": "v"}, 7, {"a": "w"}, {"a": "x\ud83d"}])
    poller = open_http("/feed")
    page = poller.poll(None, 10)
    assert page.rows["a"].tolist() == ["v", "w", "x\ufffd"]
    assert [notice.partition(": ")[2][:50] for notice in page.notices if "left out" in notice]
    assert any("record 2 is a number" in notice for notice in page.notices)
    assert poller.poll(page.next_cursor, 10).notices == ()


def test_a_foreign_cursor_is_refused(open_http):
    with pytest.raises(SourceError, match=r"is not one of an HTTP source.*`vigil streams reset`"):
        open_http().poll('{"kind": "csv"}', 1)
