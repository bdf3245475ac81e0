"""Packed bodies: what comes out is bounded piece by piece, and whole."""

import gzip
import zlib

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.base import ReadLimits
from sources.errors import SourceError, TransientSourceError
from sources.http_body import unpacked

PIECE = 2**16


def raw_deflate(data):
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


PACKERS = {
    "identity": bytes,
    "": bytes,
    "gzip": gzip.compress,
    "GZIP ": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
}


def unpack(body, encoding, size=4096):
    pieces = (body[start : start + size] for start in range(0, len(body), size))
    response = httpx.Response(200, headers={"Content-Encoding": encoding}, content=pieces)
    return list(unpacked("http://h/orders", response))


@given(st.sampled_from(sorted(PACKERS)), st.binary(max_size=2000), st.integers(1, 3000))
def test_a_body_comes_out_as_it_went_in_wherever_it_is_cut(encoding, data, size):
    assert b"".join(unpack(PACKERS[encoding](data), encoding, size)) == data


@given(st.binary(min_size=1, max_size=2000))
def test_deflate_may_come_without_its_header(data):
    assert b"".join(unpack(raw_deflate(data), "deflate")) == data


def test_gzip_may_hold_one_packed_text_after_another():
    body = gzip.compress(b"a" * 100_000) + gzip.compress(b"b")
    for size in (1, 7, len(body)):
        assert b"".join(unpack(body, "gzip", size)) == b"a" * 100_000 + b"b"


@pytest.mark.parametrize("packer", [gzip.compress, zlib.compress, raw_deflate])
def test_pieces_stay_small_however_much_one_unpacks_to(packer):
    body = packer(bytes(50_000_000))
    assert len(body) < 60_000
    encoding = "gzip" if packer is gzip.compress else "deflate"
    pieces = unpack(body, encoding, len(body))
    assert max(map(len, pieces)) <= PIECE
    assert sum(map(len, pieces)) == 50_000_000


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
@pytest.mark.parametrize("left", [1, 5, 20, -1])
def test_a_packed_body_that_ends_too_early_is_an_error(encoding, left):
    data = bytes(range(256)) * 1000
    with pytest.raises(SourceError, match="ends too early"):
        unpack(PACKERS[encoding](data)[:left], encoding)


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "compress", "x" * 1000])
def test_a_way_of_packing_that_was_not_asked_for_is_an_error(encoding):
    with pytest.raises(SourceError, match="although only gzip, deflate were asked for"):
        unpack(b"x", encoding)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_damage_is_an_error(encoding):
    body = bytearray(PACKERS[encoding](bytes(range(256)) * 100))
    body[len(body) // 2] ^= 0xFF
    with pytest.raises(SourceError, match=f"not the {encoding} it says it is"):
        unpack(bytes(body) + b"?", encoding)


@pytest.mark.parametrize(
    ("encoding", "packer"), [("gzip", gzip.compress), ("deflate", zlib.compress)]
)
@pytest.mark.parametrize("status", [200, 404, 503])
def test_a_bomb_is_left_at_the_limit_whatever_the_status(
    http_server, open_source, encoding, packer, status
):
    bomb = packer(b"[" + b" " * 50_000_000)
    http_server.answer("/orders", body=bomb, status=status, headers={"Content-Encoding": encoding})
    limits = ReadLimits(max_bytes=1_000_000, retries=0)
    says = {200: r"more than the 1000000 bytes allowed \(\d{1,5} came in\)"}
    with pytest.raises(SourceError, match=says.get(status, str(status))):
        open_source("http", url=f"{http_server.url}/orders", limits=limits).read()
    assert http_server.requests[0].headers["accept-encoding"] == "gzip, deflate"


def test_an_overloaded_server_that_packs_badly_is_still_overloaded(http_server, open_source):
    http_server.answer("/orders", body=b"x", status=503, headers={"Content-Encoding": "gzip"})
    with pytest.raises(TransientSourceError, match="answered 503"):
        open_source("http", url=f"{http_server.url}/orders", limits=ReadLimits(retries=0)).read()


@pytest.mark.parametrize("location", ["http://[::1", "http://h:port/", "http://h/\x01"])
def test_a_redirect_to_what_is_no_address_is_an_error(http_server, open_source, location):
    http_server.answer("/orders", status=302, headers={"Location": location})
    with pytest.raises(SourceError, match=r"/orders: Invalid URL in location header"):
        open_source("http", url=f"{http_server.url}/orders", limits=ReadLimits(retries=0)).read()


@pytest.mark.parametrize("link", ["http://[::1", "http://h:port/", "/\x01"])
def test_a_next_page_at_what_is_no_address_is_an_error(http_server, open_source, link):
    http_server.answer("/orders", {"items": [], "next": link})
    with pytest.raises(SourceError, match=r"/orders: the next page is at what is no address"):
        open_source(
            "http", url=f"{http_server.url}/orders", pagination="next", records="items"
        ).read()
