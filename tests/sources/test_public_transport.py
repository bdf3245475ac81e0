"""With VIGIL_HTTP_ALLOW_PRIVATE=false nothing is asked of a host that is not public."""

import socket
from ipaddress import ip_network

import pytest

from sources import public_transport
from sources.base import ReadLimits
from sources.errors import SourceError, TransientSourceError
from sources.special_addresses import is_public

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


# Of IANA's registries of special-purpose addresses, multicast, and what is reserved or deprecated.
SPECIAL = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24", "192.0.0.0/29", "192.0.0.8/32", "192.0.0.9/32", "192.0.0.10/32",
    "192.0.0.170/31", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24",
    "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4", "240.0.0.0/4", "255.255.255.255/32", "::1/128", "::/128", "::/96", "::/8",
    "::ffff:0:0:0/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/23", "2001::/32",
    "2001:1::1/128", "2001:1::2/128", "2001:1::3/128", "2001:2::/48", "2001:3::/32",
    "2001:4:112::/48", "2001:10::/28", "2001:20::/28", "2001:30::/28", "2001:db8::/32",
    "2002::/16", "2620:4f:8000::/48", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10",
    "fec0::/10", "ff00::/8", "4000::/3", "200::/7",
]  # fmt: skip
CLOUDS = ["169.254.169.254", "168.63.129.16", "100.100.100.200", "192.0.0.192", "fd00:ec2::254"]
PRIVATE_IPV4 = ["127.0.0.1", "10.0.0.1", "169.254.169.254", "168.63.129.16", "100.64.0.1"]


@pytest.mark.parametrize("network", SPECIAL)
def test_no_address_of_a_special_range_is_public(network):
    whole = ip_network(network)
    if network == "::/8":  # holds the two whose public addresses are those of IPv4
        assert not is_public("ff:ffff::1")
        return
    assert not is_public(str(whole[0]))
    assert not is_public(str(whole[-1]))


@pytest.mark.parametrize("address", CLOUDS + [f"{address}%eth0" for address in ("fe80::1", "::1")])
def test_addresses_of_a_machine_or_its_cloud_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("inner", PRIVATE_IPV4)
@pytest.mark.parametrize(
    "form",
    ["::{}", "::ffff:{}", "::ffff:0:{}", "64:ff9b::{}", "64:ff9b:1::{}", "2a00::5efe:{}",
     "2a00::200:5efe:{}", "fe80::5efe:{}"],
)  # fmt: skip
def test_a_private_address_is_known_inside_one_of_ipv6(form, inner):
    assert not is_public(form.format(inner))


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "168.63.129.15", "100.63.255.255", "172.32.0.1", "223.255.255.255",
     "2606:4700::1111", "2001:200::1", "2a00::5efe:8.8.8.8", "::ffff:8.8.8.8", "64:ff9b::808:808"],
)  # fmt: skip
def test_addresses_of_the_internet_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.0.0.1.", "localhost", "localhost.", "127.1", "0177.0.0.1", "2130706433",
     "0x7f000001", "0x7f.1", "017700000001", "[::1]", "[::ffff:127.0.0.1]", "[::127.0.0.1]",
     "0.0.0.0", "0"],
)  # fmt: skip
def test_a_private_address_is_not_asked_however_it_is_written(http_server, open_source, host):
    url = f"http://{host}:{http_server.server_port}/orders"
    reasons = r"public address|resolve|known|lookup|not a valid address"
    with pytest.raises(SourceError, match=reasons) as caught:
        open_source("http", url=url, limits=PUBLIC_ONLY).read()
    assert http_server.requests == []
    may_be_unknown = "[" in host or host.endswith(".")
    assert may_be_unknown or not isinstance(caught.value, TransientSourceError)


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
