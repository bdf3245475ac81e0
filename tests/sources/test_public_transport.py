"""With VIGIL_HTTP_ALLOW_PRIVATE=false nothing is asked of a host that is not public."""

import socket

import pytest

from sources import public_transport
from sources.base import ReadLimits
from sources.errors import SourceError, TransientSourceError
from sources.public_transport import is_public

PUBLIC_ONLY = ReadLimits(allow_private=False, retries=0, timeout_seconds=2)


@pytest.fixture
def name_server(monkeypatch):
    """Let names be resolved to what a list says, one entry a question, the last one again."""
    answers: dict[str, list[list[str]]] = {}
    real = socket.getaddrinfo

    def resolve(host, port, *arguments, **options):
        if host not in answers:
            return real(host, port, *arguments, **options)
        found = answers[host].pop(0) if len(answers[host]) > 1 else answers[host][0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in found]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return answers


@pytest.fixture
def public_here(monkeypatch):
    """Let 127.0.0.1 and its neighbour pass for public, as nothing beyond this machine can."""
    passing = {"127.0.0.1", "127.0.0.2"}
    monkeypatch.setattr(public_transport, "is_public", passing.__contains__)
    return passing


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::",
        "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "2002:7f00:1::", "2002:a00:1::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    ],
)  # fmt: skip
def test_addresses_of_a_machine_or_a_network_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_addresses_of_the_internet_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::1]", "0.0.0.0"]
)
def test_a_private_address_is_not_asked_however_it_is_written(http_server, open_source, host):
    url = f"http://{host}:{http_server.server_port}/orders"
    with pytest.raises(SourceError, match=r"public address|resolve|known|lookup") as caught:
        open_source("http", url=url, limits=PUBLIC_ONLY).read()
    assert http_server.requests == []
    assert host == "[::1]" or not isinstance(caught.value, TransientSourceError)


def test_a_name_with_one_private_address_among_others_is_not_asked(
    http_server, open_source, name_server
):
    name_server["api.test"] = [["93.184.216.34", "127.0.0.1"]]
    with pytest.raises(SourceError, match=r"/orders: api.test is not a public address"):
        open_source(
            "http", url=f"http://api.test:{http_server.server_port}/orders", limits=PUBLIC_ONLY
        ).read()


@pytest.mark.usefixtures("public_here")
def test_a_public_host_is_asked_by_its_name(http_server, open_source, name_server):
    name_server["api.test"] = [["127.0.0.1"]]
    http_server.answer("/orders", [{"a": 1}])
    url = f"http://api.test:{http_server.server_port}"
    assert len(open_source("http", url=f"{url}/orders", limits=PUBLIC_ONLY).read()) == 1
    (request,) = http_server.requests
    assert request.headers["host"] == url.removeprefix("http://")


@pytest.mark.usefixtures("public_here")
def test_the_next_address_is_tried_where_nobody_answers(http_server, open_source, name_server):
    name_server["api.test"] = [["127.0.0.2", "127.0.0.1"]]
    http_server.answer("/orders", [{"a": 1}])
    url = f"http://api.test:{http_server.server_port}/orders"
    assert len(open_source("http", url=url, limits=PUBLIC_ONLY).read()) == 1


def test_a_name_that_changes_after_the_check_gains_nothing(
    http_server, open_source, name_server, public_here
):
    public_here.remove("127.0.0.1")
    name_server["api.test"] = [["127.0.0.2"], ["127.0.0.1"]]
    http_server.answer("/orders", [{"a": 1}])
    url = f"http://api.test:{http_server.server_port}/orders"
    with pytest.raises(TransientSourceError, match="is it up"):
        open_source("http", url=url, limits=PUBLIC_ONLY).read()
    assert http_server.requests == []
    with pytest.raises(SourceError, match=r"api.test is not a public address"):
        open_source("http", url=url, limits=PUBLIC_ONLY).read()


@pytest.mark.parametrize("by", ["redirect", "page"])
def test_every_redirect_and_page_is_checked(http_server, open_source, name_server, public_here, by):
    public_here.remove("127.0.0.2")
    name_server["api.test"] = [["127.0.0.1"], ["127.0.0.2"]]
    if by == "redirect":
        http_server.answer("/orders", status=302, headers={"Location": "/more"})
    else:
        http_server.answer("/orders", {"items": [{"a": 1}], "next": "/more"})
    with pytest.raises(SourceError, match=r"/more: api.test is not a public address"):
        open_source(
            "http",
            url=f"http://api.test:{http_server.server_port}/orders",
            records="items",
            pagination="next",
            limits=PUBLIC_ONLY,
        ).read()
    assert [request.path for request in http_server.requests] == ["/orders"]


@pytest.mark.usefixtures("public_here")
def test_no_proxy_is_used_where_addresses_are_checked(
    http_server, open_source, name_server, monkeypatch
):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    name_server["api.test"] = [["127.0.0.1"]]
    http_server.answer("/orders", [{"a": 1}])
    url = f"http://api.test:{http_server.server_port}/orders"
    assert len(open_source("http", url=url, limits=PUBLIC_ONLY).read()) == 1


def test_a_host_that_is_a_secret_is_not_shown(open_source, monkeypatch):
    monkeypatch.setenv("HOST", "localhost")
    with pytest.raises(SourceError, match="is not a public address") as caught:
        open_source("http", url="http://{env:HOST}/orders", limits=PUBLIC_ONLY).read()
    assert "localhost" not in str(caught.value)


def test_private_addresses_are_asked_by_default(http_server, open_source):
    http_server.answer("/orders", [{"a": 1}])
    assert len(open_source("http", url=f"{http_server.url}/orders").read()) == 1
