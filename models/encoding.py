"""Text and JSON as every database takes them."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

_encoder = json.JSONEncoder(allow_nan=False, ensure_ascii=False)

# PostgreSQL refuses NUL; a lone surrogate, as in a file name that is not UTF-8, no text holds.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable_text(text: str) -> str:
    """Return ``text`` with the characters that a database cannot hold replaced by U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)


def dump_json(value: object) -> str:
    """Return ``value`` as JSON that PostgreSQL accepts.

    NaN becomes null and infinities the strings "Infinity" and "-Infinity", since JSON has none of
    them; NumPy scalars become numbers, and what JSON cannot say (dates, decimals, bytes) its text.
    """
    try:
        text = _encoder.encode(value)
    except (TypeError, ValueError):
        return _encoder.encode(_plain(value))
    if "\\u0000" in text or (not text.isascii() and _UNSTORABLE.search(text)):
        return _encoder.encode(_plain(value))
    return text


def _plain(value: object) -> Any:
    if isinstance(value, str):
        return storable_text(value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return _plain_float(value)
    if isinstance(value, Mapping):
        return {storable_text(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Sequence):
        return [_plain(item) for item in value]
    tolist = getattr(value, "tolist", None)  # of NumPy's arrays and scalars
    return _plain(tolist()) if callable(tolist) else storable_text(str(value))


def _plain_float(value: float) -> float | str | None:
    if math.isnan(value):
        return None
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return float(value)
