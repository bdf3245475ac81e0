"""The body of an HTTP answer, unpacked piece by piece, so that no small one fills the memory."""

import zlib
from collections.abc import Iterator

import httpx

from sources.errors import SourceError

ACCEPTED = "gzip, deflate"

_PIECE = 2**16
_GZIP = 16 + zlib.MAX_WBITS
_ZLIB_METHOD = 8  # in the low bits of the first byte; "deflate" may also come without that header


def unpacked(where: str, response: httpx.Response) -> Iterator[bytes]:
    """Yield the body in pieces of at most 64 KiB or of what came in at once, empty ones too.

    httpx would unpack whatever comes in at once, to a thousand times its size and more.

    Args:
        where: the address, for errors.
        response: an open answer whose body is not read yet.

    Raises:
        SourceError: it is packed in another way than was accepted, damaged, or ends too early.
    """
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in ("", "identity"):
        yield from response.iter_raw()
    elif encoding in ("gzip", "x-gzip", "deflate"):
        try:
            yield from _inflate(where, response.iter_raw(), encoding)
        except zlib.error as error:
            raise SourceError(
                f"{where}: the body is not the {encoding} it says it is: {error}: ask who runs it"
            ) from None
    else:
        raise SourceError(
            f"{where}: answered a body packed with {encoding[:40]!r}, although only {ACCEPTED} "
            "were asked for: ask who runs it"
        )


def _inflate(where: str, raw: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    inflater = None
    for data in raw:
        while data:
            if inflater is None or inflater.eof:  # gzip may hold one packed text after another
                inflater = zlib.decompressobj(_window(data, encoding))
            yield inflater.decompress(data, _PIECE)
            data = inflater.unconsumed_tail or inflater.unused_data
        yield b""
    # What is left inside waits for no more input.
    while inflater is not None and not inflater.eof:
        rest = inflater.decompress(b"", _PIECE)
        if not rest:
            raise SourceError(f"{where}: the packed body ends too early: ask again, or who runs it")
        yield rest


def _window(data: bytes, encoding: str) -> int:
    if encoding != "deflate":
        return _GZIP
    return zlib.MAX_WBITS if data[0] & 0x0F == _ZLIB_METHOD else -zlib.MAX_WBITS
