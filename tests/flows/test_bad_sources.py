"""Bad input gets a clear error, and loses nothing: databases and servers."""

import socket
import sqlite3
import threading

import pytest
from prefect import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey

from sources.errors import TransientSourceError
from tests.flows.failures import (
    SECRET,
    everything_of,
    failure_of_flow,
    failure_of_reading,
    register,
)


@pytest.fixture
def shop(tmp_path):
    """A SQLite database that is not Vigil's."""
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE orders (id INTEGER, amount REAL)")
    connection.close()
    return f"sqlite:///{path}"


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"table": "order"}, ("table order of {url}: no such table", "did you mean `orders`?")),
        ({"query": "SELECT a form orders"}, ("query on {url}: ", "syntax", "check `table` or `q")),
        ({"query": "SELECT total FROM orders"}, ("no such column: total", "check `table` or")),
        ({"table": "orders", "url": "sqlite:////no/such/file.db"}, ("no such SQLite file: /no/",)),
        ({"table": "orders", "url": "oracel://host/db"}, ("knows no oracel", "check the address")),
    ],
)
def test_a_wrong_statement_or_address_is_named(shop, config, says, request):
    name = f"sql-{request.node.callspec.indices['config']}"
    register(name, "sql", **{"url": shop} | config)
    message = str(failure_of_reading(name))
    for words in says:
        assert words.format(url=shop) in message


@pytest.mark.usefixtures("home")
def test_a_wrong_type_in_a_statement_is_named(postgres_url):
    register("wrong-type", "sql", url=postgres_url, query="SELECT 1 + 'x'::text AS n")
    message = str(failure_of_reading("wrong-type"))
    assert message.startswith(f"query on {postgres_url}: operator does not exist: integer + text")
    assert "check `table` or `query`" in message


def test_a_wrong_statement_ends_the_flow_in_the_words_of_the_database(shop, good):
    register("sql-flow", "sql", url=shop, query="SELECT a form orders")
    error = failure_of_flow(good, "sql-flow")
    assert 'near "orders": syntax error' in str(error)


class HangUpServer:
    """Listens, and hangs up on everyone who calls."""

    def __init__(self):
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.calls = 0
        threading.Thread(target=self._hang_up, daemon=True).start()

    def _hang_up(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.calls += 1
            connection.close()

    def close(self):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@pytest.fixture
def hang_up():
    server = HangUpServer()
    yield server
    server.close()


def test_a_database_that_hangs_up_is_tried_as_often_as_the_setting_says(hang_up, good, limits):
    limits(retries=1)
    url = f"postgresql://me:{{env:SHOP_KEY}}@127.0.0.1:{hang_up.port}/shop"
    register("hang-up", "sql", url=url, table="orders")
    error = failure_of_flow(good, "hang-up")
    assert type(error) is TransientSourceError
    assert f"table orders of {url}: " in str(error)
    assert "check that it is up and `url` right" in str(error)
    assert hang_up.calls == 2


def test_a_server_that_fails_is_tried_as_often_as_the_setting_says(http_server, good, limits):
    limits(retries=1)
    http_server.answer("/orders", status=500)
    register("fails", "http", url=f"{http_server.url}/orders")
    error = failure_of_flow(good, "fails")
    assert type(error) is TransientSourceError
    assert f"{http_server.url}/orders: answered 500" in str(error)
    assert "run again later" in str(error)
    assert len(http_server.requests) == 2


def test_a_key_that_the_server_repeats_is_in_no_message(http_server, good, limits):
    http_server.answer("/orders", body=f"unknown key {SECRET}".encode(), status=401)
    config = {
        "url": f"{http_server.url}/orders",
        "params": {"api_key": "{env:SHOP_KEY}"},
        "headers": {"Authorization": "Bearer {env:SHOP_KEY}"},
    }
    register("refused", "http", **config)
    error = failure_of_flow(good, "refused")
    assert "answered 401 Unauthorized: check the credentials" in str(error)
    assert "unknown key {env:SHOP_KEY}" in str(error)
    report = ArtifactFilter(key=ArtifactFilterKey(any_=["detection-refused"]))
    with get_client(sync_client=True) as client:
        [artifact] = client.read_artifacts(artifact_filter=report)
    assert "SHOP" in artifact.data
    for shown in (artifact.data, str(everything_of("refused"))):
        assert SECRET not in shown


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"status": 404, "body": b"nothing"}, ("answered 404 Not Found: check `url`",)),
        ({"body": b"<!doctype html><p>Log in"}, ("answered HTML", "expected JSON", "is `url` the")),
        ({"body": b'[{"a": 1}, {"a"'}, ("not valid JSON at line 1", "written to the end?")),
        ({"document": {"data": {"items": [{}]}}}, ("expected a list", "`records` to `data.items`")),
        ({"document": [1, 2]}, ("record 1 is a number: expected an object",)),
        ({"body": b"[1,", "endless": True}, ("more than the 100000 bytes", "VIGIL_READ_MAX_BYTES")),
        ({"body": b"", "delay": 1}, ("no answer within 0.2 s", "VIGIL_READ_TIMEOUT_SECONDS")),
    ],
    ids=["404", "html", "cut-off", "object", "numbers", "endless", "slow"],
)
def test_an_answer_that_is_no_table_is_named(http_server, limits, answer, says, request):
    # Only the slow one may take too long.
    limits(max_bytes=100_000, timeout_seconds=0.2 if "delay" in answer else 60)
    http_server.answer("/orders", **answer)
    name = f"http-{request.node.callspec.id}"
    register(name, "http", url=f"{http_server.url}/orders")
    message = str(failure_of_reading(name))
    assert message.startswith(f"{http_server.url}/orders: ")
    for words in says:
        assert words in message


@pytest.mark.usefixtures("home", "limits")
@pytest.mark.parametrize(
    ("kind", "config", "says"),
    [
        (
            "http",
            {"url": "http://no-such-host.invalid/orders"},
            ("http://no-such", "is it up, and"),
        ),
        (
            "sql",
            {"url": "postgresql://me:{env:SHOP_KEY}@no-such-host.invalid/shop", "table": "orders"},
            ("me:{env:SHOP_KEY}@no-such-host.invalid", "check that it is up and `url` right"),
        ),
    ],
)
def test_an_unreachable_host_is_named_without_its_password(kind, config, says):
    register(f"unreachable-{kind}", kind, **config)
    error = failure_of_reading(f"unreachable-{kind}")
    assert type(error) is TransientSourceError
    assert all(words in str(error) for words in says)
    assert SECRET not in str(error)


@pytest.mark.usefixtures("home")
def test_a_secret_that_is_not_set_is_named(monkeypatch):
    monkeypatch.delenv("SHOP_KEY", raising=False)
    register("unset", "http", url="http://127.0.0.1/{env:SHOP_KEY}")
    message = str(failure_of_reading("unset"))
    assert "environment variable SHOP_KEY is not set: set it where the flow runs" in message
