"""Column types that hold the same values on SQLite and on PostgreSQL."""

import json
import math
from collections.abc import Mapping, Sequence, Set
from typing import Any

from sqlalchemy import JSON, BigInteger, Dialect, Float, String, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB

Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

_NUL = "\x00"
_REPLACEMENT = "\ufffd"
_strict_encoder = json.JSONEncoder(allow_nan=False)


class Whole(TypeDecorator[int]):
    """A 64-bit integer. Takes NumPy's too, which SQLite would store as bytes."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        """Return a plain ``int``."""
        return None if value is None else int(value)


class Real(TypeDecorator[float]):
    """A float64; NaN is NULL, as SQLite has it. Takes NumPy's scalars too."""

    impl = Float(53)
    cache_ok = True

    def process_bind_param(self, value: float | None, dialect: Dialect) -> float | None:
        """Return a plain ``float``, None for NaN."""
        return None if value is None or math.isnan(value) else float(value)


class Text(TypeDecorator[str]):
    """Text of any length; a NUL character, refused by PostgreSQL, becomes U+FFFD."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return text that every database takes."""
        return None if value is None else value.replace(_NUL, _REPLACEMENT)


def dump_json(value: object) -> str:
    """Return ``value`` as JSON that PostgreSQL accepts.

    NaN becomes null and infinities the strings "Infinity" and "-Infinity", since JSON has none of
    them; NumPy scalars become numbers, and what JSON cannot say (dates, decimals, bytes) its text.
    """
    try:
        text = _strict_encoder.encode(value)
    except (TypeError, ValueError):
        return _strict_encoder.encode(_plain(value))
    return _strict_encoder.encode(_plain(value)) if "\\u0000" in text else text


def _plain(value: object) -> Any:
    if isinstance(value, str):
        return value.replace(_NUL, _REPLACEMENT)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return _plain_float(value)
    if isinstance(value, Mapping):
        return {_plain(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Sequence | Set):
        return [_plain(item) for item in value]
    item = getattr(value, "item", None)  # a NumPy scalar or zero-dimensional array
    return _plain(item()) if callable(item) else _plain(str(value))


def _plain_float(value: float) -> float | str | None:
    if math.isnan(value):
        return None
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return float(value)
