import pytest

from sources.base import ReadLimits
from sources.errors import SourceError


@pytest.fixture
def open_pages(http_server, open_source):
    """Return a function that opens /orders with pages of the kind asked for."""

    def open_pages(pagination, **fields):
        return open_source("http", url=f"{http_server.url}/orders", pagination=pagination, **fields)

    return open_pages


def paths(http_server):
    return [(request.path, request.params) for request in http_server.requests]


def test_numbered_pages_are_read_until_one_is_empty(http_server, open_pages):
    for number, records in enumerate([[{"a": 1}, {"a": 2}], [{"a": 3}], []]):
        http_server.answer(f"/orders?size=2&p={number}", records)
    reader = open_pages("page", page_param="p", first_page=0, params={"size": "2"})
    assert reader.read()["a"].tolist() == [1, 2, 3]
    assert len(http_server.requests) == 3


def test_no_page_more_than_the_limit_needs_is_asked_for(http_server, open_pages):
    http_server.answer("/orders?page=1", [{"a": 1}, {"a": 2}])
    assert open_pages("page").read(limit=2)["a"].tolist() == [1, 2]
    assert len(http_server.requests) == 1


def test_a_server_that_ignores_the_number_is_noticed(http_server, open_pages):
    http_server.answer("/orders", [{"a": 1}])
    with pytest.raises(SourceError, match="same records as the page before: set `page_param`"):
        open_pages("page").read()


def test_next_addresses_are_followed_relative_or_whole(http_server, open_pages):
    pages = {
        "/orders": {"rows": [{"a": 1}], "links": {"next": "?cursor=x"}},
        "/orders?cursor=x": {"rows": [{"a": 2}], "links": {"next": f"{http_server.url}/more"}},
        "/more": {"rows": [{"a": 3}], "links": {"next": None}},
    }
    for path, document in pages.items():
        http_server.answer(path, document)
    reader = open_pages("next", records="rows", next_path="links.next")
    assert reader.read()["a"].tolist() == [1, 2, 3]


def test_link_headers_are_followed(http_server, open_pages):
    link = f'<{http_server.url}/orders?page=2>; rel="next", <http://x>; rel="last"'
    http_server.answer("/orders", [{"a": 1}], headers={"Link": link})
    http_server.answer("/orders?page=2", [{"a": 2}])
    assert open_pages("link").read()["a"].tolist() == [1, 2]


def test_a_key_that_the_next_address_leaves_out_is_sent_again(http_server, open_pages, monkeypatch):
    monkeypatch.setenv("KEY", "hunter2")
    http_server.answer("/orders", {"rows": [{"a": 1}], "next": "/more?offset=1"})
    http_server.answer("/more", {"rows": [{"a": 2}], "next": ""})
    params = {"api_key": "{env:KEY}", "offset": "0"}
    open_pages("next", records="rows", params=params).read()
    assert paths(http_server)[1] == ("/more", {"offset": "1", "api_key": "hunter2"})


def test_credentials_are_sent_for_every_page(http_server, open_source, monkeypatch):
    monkeypatch.setenv("PASSWORD", "x")
    http_server.answer("/orders", {"rows": [{"a": 1}], "next": "/more"})
    http_server.answer("/more", {"rows": [{"a": 2}]})
    url = http_server.url.replace("//", "//ada:{env:PASSWORD}@")
    open_source("http", url=f"{url}/orders", pagination="next", records="rows").read()
    first, second = (request.headers["authorization"] for request in http_server.requests)
    assert first == second


@pytest.mark.parametrize("other", ["http://localhost:1/x", "//elsewhere/x", "https://127.0.0.1/x"])
def test_a_next_page_on_another_host_is_refused(http_server, open_pages, other):
    http_server.answer("/orders", {"rows": [{"a": 1}], "next": other})
    with pytest.raises(SourceError, match="the next page is on another host"):
        open_pages("next", records="rows").read()


def test_pages_in_a_circle_are_noticed(http_server, open_pages):
    http_server.answer("/orders", {"rows": [{"a": 1}], "next": "/more"})
    http_server.answer("/more", {"rows": [{"a": 2}], "next": "/orders"})
    with pytest.raises(SourceError, match="one that was read already"):
        open_pages("next", records="rows").read()


def test_a_next_address_that_is_none_is_named(http_server, open_pages):
    http_server.answer("/orders", {"rows": [{"a": 1}], "next": 2})
    with pytest.raises(SourceError, match="expected an address at `next`"):
        open_pages("next", records="rows").read()


def test_more_pages_than_allowed_are_an_error_and_no_short_table(http_server, open_pages):
    for number in range(1, 5):
        http_server.answer(f"/orders?page={number}", [{"a": number}])
    with pytest.raises(SourceError, match="more pages follow than the 3 of `max_pages`"):
        open_pages("page", max_pages=3).read()


def test_an_error_names_the_page(http_server, open_pages):
    http_server.answer("/orders?page=1", [{"a": 1}])
    with pytest.raises(SourceError, match=r"/orders\?page=2: answered 404"):
        open_pages("page").read()


def test_pages_share_one_limit_of_bytes(http_server, open_pages):
    for number in range(1, 9):
        http_server.answer(f"/orders?page={number}", [{"a": "x" * 300, "n": number}])
    with pytest.raises(SourceError, match="more than the 1000 bytes allowed"):
        open_pages("page", limits=ReadLimits(max_bytes=1000)).read()


def test_unchanged_pages_are_not_sent_again(http_server, open_pages):
    for number, records in enumerate([[{"a": 1}], [{"a": 2}], []], 1):
        http_server.answer(f"/orders?page={number}", records, headers={"ETag": f'"{number}"'})
    reader = open_pages("page")
    assert reader.read().equals(reader.read())
    assert [request.headers.get("if-none-match") for request in http_server.requests[3:]] == [
        '"1"', '"2"', '"3"',
    ]  # fmt: skip
