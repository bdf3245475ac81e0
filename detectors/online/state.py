"""What a detector has learnt, as bytes: a header that says whose it is, and raw arrays.

The bytes are ``VIGIL-ONLINE``, the length of the header, the header in JSON, the arrays, and a
checksum of all before it. Equal contents give equal bytes.
"""

import json
import struct
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.errors import DetectorError

VERSION = 1

_MAGIC = b"VIGIL-ONLINE"
_LENGTH = struct.Struct("<I")


def pack(identity: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return ``arrays`` as bytes, marked with ``identity``, which JSON can hold."""
    header = json.dumps(_header(identity, arrays), sort_keys=True).encode()
    content = b"".join(_little_endian(array).tobytes() for array in arrays.values())
    body = _MAGIC + _LENGTH.pack(len(header)) + header + content
    return body + _LENGTH.pack(zlib.crc32(body))


def unpack(state: bytes, identity: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
    """Fill ``arrays`` with what ``pack`` was given.

    Raises:
        DetectorError: the bytes are cut off, damaged, or marked with another identity; the arrays
            are then as before.
    """
    body, checksum = state[: -_LENGTH.size], state[-_LENGTH.size :]
    if not body.startswith(_MAGIC):
        raise DetectorError("not the state of an online detector: start with a new one")
    if len(checksum) < _LENGTH.size or _LENGTH.pack(zlib.crc32(body)) != checksum:
        raise DetectorError("the state of the detector is cut off or damaged: restore an older one")
    start = len(_MAGIC) + _LENGTH.size
    (length,) = _LENGTH.unpack(body[len(_MAGIC) : start])
    _check_header(json.loads(body[start : start + length]), _header(identity, arrays))
    place = start + length
    for array in arrays.values():
        values = np.frombuffer(body, array.dtype.newbyteorder("<"), array.size, place)
        array[...] = values.reshape(array.shape)
        place += array.nbytes


def _header(identity: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    layout = [[name, array.dtype.str[1:], list(array.shape)] for name, array in arrays.items()]
    return {"version": VERSION, **identity, "arrays": layout}


def _check_header(found: dict[str, Any], expected: dict[str, Any]) -> None:
    for name, value in expected.items():
        if name == "edition" and found.get(name) != value:
            raise DetectorError(
                f"edition {found.get(name, 1)} of the detector wrote this state, this is edition "
                f"{value}, with another formula: go on with the version of Vigil that wrote it, or "
                "start anew; for a stream, `vigil streams reset NAME`"
            )
        if found.get(name) != value:
            raise DetectorError(
                f"the state is of another detector: its {name} is {found.get(name)}, expected "
                f"{value}; build the detector as it was, or start with a new one"
            )


def _little_endian(array: NDArray[Any]) -> NDArray[Any]:
    return array.astype(array.dtype.newbyteorder("<"), copy=False)
