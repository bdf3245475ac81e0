import gzip
import logging
import socket
import traceback
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from sources.base import ReadLimits
from sources.errors import SourceError, TransientSourceError

ORDERS = {"data": {"items": [{"id": 1, "amount": 1.5}, {"id": 2, "amount": None}]}}


@pytest.fixture
def open_http(http_server, open_source):
    """Return a function that opens a path of the server."""

    def open_http(path="/orders", **fields):
        return open_source("http", url=http_server.url + path, **fields)

    return open_http


def quick(**limits):
    return ReadLimits(**{"backoff_seconds": 0.001, **limits})


def test_records_are_read_from_their_path(http_server, open_http):
    http_server.answer("/orders", ORDERS)
    reader = open_http(records="data.items")
    assert reader.read(["amount", "id"], limit=1).to_dict("list") == {"amount": [1.5], "id": [1]}
    with reader.open_table() as table:
        assert table.whole().equals(reader.read())


def test_parameters_and_headers_are_sent_with_their_secrets(http_server, open_http, monkeypatch):
    monkeypatch.setenv("TOKEN", "hunter2 & co")
    http_server.answer("/orders", [{"a": 1}])
    open_http(
        "/orders?fixed=1",
        params={"limit": 10, "api_key": "{env:TOKEN}"},
        headers={"Authorization": "Bearer {env:TOKEN}", "X-Team": "shop"},
    ).read()
    (request,) = http_server.requests
    assert request.params == {"fixed": "1", "limit": "10", "api_key": "hunter2 & co"}
    assert request.headers["authorization"] == "Bearer hunter2 & co"
    assert request.headers["x-team"] == "shop"
    assert request.headers["accept"] == "application/json"


def test_user_and_password_of_the_address_are_sent_as_basic_credentials(
    http_server, open_source, monkeypatch
):
    monkeypatch.setenv("PASSWORD", "p@ss/word")
    http_server.answer("/orders", [{"a": 1}])
    url = http_server.url.replace("http://", "http://ada:{env:PASSWORD}@")
    open_source("http", url=f"{url}/orders").read()
    assert http_server.requests[0].headers["authorization"] == "Basic YWRhOnBAc3Mvd29yZA=="


def test_an_unchanged_answer_is_not_sent_again(http_server, open_http):
    http_server.answer("/orders", [{"a": 1}], headers={"ETag": '"v1"'})
    reader = open_http()
    assert reader.read().equals(reader.read())
    assert "if-none-match" not in http_server.requests[0].headers
    assert http_server.requests[1].headers["if-none-match"] == '"v1"'
    http_server.answer("/orders", [{"a": 2}], headers={"ETag": '"v2"'})
    reader.read()
    assert reader.read()["a"].tolist() == [2]


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_an_overloaded_server_is_asked_again(http_server, open_http, status):
    http_server.answer("/orders", status=status)
    http_server.answer("/orders", status=status)
    http_server.answer("/orders", [{"a": 1}])
    assert open_http().read()["a"].tolist() == [1]
    assert len(http_server.requests) == 3


def test_tries_are_bounded_and_counted(http_server, open_http):
    http_server.answer("/orders", body=b"try later", status=503)
    with pytest.raises(TransientSourceError) as caught:
        open_http(limits=quick(retries=2)).read()
    answer = f"{http_server.url}/orders: answered 503 Service Unavailable"
    advice = "run again later, or ask who runs it"
    assert str(caught.value) == f"{answer}: {advice} (it said: try later) (tries: 3)"
    assert caught.value.retried
    assert len(http_server.requests) == 3


@pytest.mark.parametrize("as_date", [False, True])
def test_a_server_is_given_the_time_it_asks_for(http_server, open_http, as_date):
    asked_at = datetime.now(UTC)
    moment = (asked_at + timedelta(seconds=2)).replace(microsecond=0)
    wait = format_datetime(moment, usegmt=True) if as_date else "1"
    http_server.answer("/orders", status=429, headers={"Retry-After": wait})
    http_server.answer("/orders", [{"a": 1}])
    open_http().read()
    assert datetime.now(UTC) >= (moment if as_date else asked_at + timedelta(seconds=0.9))


def test_a_server_that_asks_for_too_much_time_is_left(http_server, open_http):
    http_server.answer("/orders", status=429, headers={"Retry-After": "3600"})
    with pytest.raises(TransientSourceError, match="asks to wait 3600 s"):
        open_http(limits=quick(deadline_seconds=5)).read()
    assert len(http_server.requests) == 1


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        (204, "answered 204 No Content: expected JSON"),
        (400, "answered 400 Bad Request (it said: no such field)"),
        (401, "answered 401 Unauthorized: check the credentials in `headers`"),
        (403, "answered 403 Forbidden: check what the credentials allow"),
        (404, "answered 404 Not Found: check `url`"),
        (418, "answered 418"),
    ],
)
def test_a_refusal_is_not_repeated_and_says_why(http_server, open_http, status, problem):
    http_server.answer("/orders", body=b"no such field" if status != 204 else b"", status=status)
    with pytest.raises(SourceError) as caught:
        open_http().read()
    assert f"{http_server.url}/orders: {problem}" in str(caught.value)
    assert not isinstance(caught.value, TransientSourceError)
    assert len(http_server.requests) == 1


def test_a_port_where_nobody_listens_is_tried_again(open_source):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(TransientSourceError, match=r"Connection refused: is it up.* \(tries: 4\)"):
        open_source("http", url=f"http://127.0.0.1:{port}/orders").read()


def test_a_host_that_does_not_exist_is_named(open_source):
    with pytest.raises(TransientSourceError, match=r"http://no-such-host\.invalid/orders: "):
        open_source(
            "http", url="http://no-such-host.invalid/orders", limits=quick(retries=0)
        ).read()


def test_a_server_that_does_not_answer_is_left(http_server, open_http):
    http_server.answer("/orders", [], delay=1)
    with pytest.raises(TransientSourceError, match=r"no answer within 0\.1 s: .*\(tries: 1\)"):
        open_http(limits=quick(timeout_seconds=0.1, retries=0)).read()


def test_a_body_that_trickles_ends_at_the_deadline(http_server, open_http):
    http_server.answer("/orders", body=b" ", endless=True)
    with pytest.raises(TransientSourceError, match=r"not read within 0\.2 s"):
        open_http(limits=quick(deadline_seconds=0.2)).read()


def test_a_body_without_end_is_left_at_the_limit(http_server, open_http):
    http_server.answer("/orders", body=b" " * 10_000, endless=True)
    with pytest.raises(SourceError, match="answered more than the 100000 bytes allowed"):
        open_http(limits=quick(max_bytes=100_000)).read()


def test_a_small_body_that_unpacks_to_a_large_one_is_left_at_the_limit(http_server, open_http):
    packed = gzip.compress(b" " * 5_000_000)
    http_server.answer("/orders", body=packed, headers={"Content-Encoding": "gzip"})
    with pytest.raises(SourceError, match="answered more than the 100000 bytes allowed"):
        open_http(limits=quick(max_bytes=100_000)).read()


def test_a_body_that_is_not_packed_as_it_says_is_an_error(http_server, open_http):
    http_server.answer("/orders", body=b"[]", headers={"Content-Encoding": "gzip"})
    with pytest.raises(SourceError, match=r"/orders: .*"):
        open_http().read()


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"<!DOCTYPE html><title>Sign in</title>", "answered HTML or XML, expected JSON"),
        (b"<!DOCTYPE html><title>Sign in</title>", "'<!DOCTYPE html><title>Sign in</title>'"),
        (b" ", "answered an empty body, expected JSON"),
        (b"[1,", "not valid JSON at line 1"),
        (b'{"error": "quota"}', "expected a list of records, found an object with error"),
        (b'{"items": [{"a": 1}]}', "set `records` to `items`"),
        (b"[1]", "record 1 is a number"),
    ],
)
def test_an_answer_that_holds_no_records_says_what_it_holds(http_server, open_http, body, problem):
    http_server.answer("/orders", body=body)
    with pytest.raises(SourceError) as caught:
        open_http().read()
    assert problem in str(caught.value)
    assert f"{http_server.url}/orders" in str(caught.value)


def test_redirects_stay_on_the_host(http_server, open_http):
    http_server.answer("/orders", status=307, headers={"Location": "/v2/orders"})
    http_server.answer("/v2/orders", [{"a": 1}])
    assert open_http().read()["a"].tolist() == [1]


def test_a_redirect_to_another_host_is_not_followed(http_server, open_http):
    http_server.answer(
        "/orders", status=302, headers={"Location": "http://localhost:1/x?token=abc"}
    )
    with pytest.raises(
        SourceError, match=r"redirects to another host, http://localhost:1/x"
    ) as caught:
        open_http().read()
    assert "abc" not in str(caught.value)


def test_a_redirect_in_a_circle_ends(http_server, open_http):
    http_server.answer("/orders", status=302, headers={"Location": "/orders"})
    with pytest.raises(SourceError, match="redirected more than 5 times"):
        open_http().read()


SECRET = "hunter2/+"


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 401, "body": f"bad key {SECRET}".encode()},
        {"status": 503, "body": f"bad key {SECRET}".encode()},
        {"body": f"<html>{SECRET}".encode()},
        {"body": b"[1,"},
        {"status": 302, "headers": {"Location": "http://localhost:1/?api_key=hunter2/%2B"}},
        {"document": [], "delay": 0.4},
        {"document": [{"a": 1}]},
    ],
)
def test_no_secret_is_in_errors_tracebacks_or_logs(
    http_server, open_source, monkeypatch, caplog, answer
):
    monkeypatch.setenv("KEY", SECRET)
    monkeypatch.setenv("BASE", http_server.url.replace("//", "//ada:hunter2%2F%2B@"))
    http_server.answer("/orders", **answer)
    reader = open_source(
        "http",
        url="{env:BASE}/orders?api_key={env:KEY}",
        params={"token": "{env:KEY}"},
        headers={"X-Api-Key": "{env:KEY}"},
        limits=quick(retries=1, timeout_seconds=0.2),
    )
    with caplog.at_level(logging.DEBUG):
        try:
            reader.read(["b"])
        except SourceError as error:
            shown = "".join(traceback.format_exception(error))
        else:
            pytest.fail("expected an error")
    assert "/orders" in shown
    assert "hunter2" not in shown + caplog.text + repr(reader) + repr(
        vars(vars(vars(reader)["_reader"])["_source"])["_config"]
    )


def test_a_header_that_cannot_be_sent_is_an_error_that_hides_it(open_http, monkeypatch):
    monkeypatch.setenv("KEY", "hunter2\n")
    with pytest.raises(SourceError, match="does its value end in a line break") as caught:
        open_http(headers={"X-Api-Key": "{env:KEY}"}).read()
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("value", ["http://h:port/x", "ftp://h/x", "nonsense"])
def test_an_address_from_the_environment_is_checked_when_read(open_source, monkeypatch, value):
    monkeypatch.setenv("BASE", value)
    with pytest.raises(SourceError, match=r"{env:BASE}: (not a valid address|expected an address)"):
        open_source("http", url="{env:BASE}").read()
