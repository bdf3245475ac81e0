"""Parse JSON, and say where it is wrong."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sources.errors import SourceError
from sources.record_fields import value_at
from sources.values import WrittenNumber


def _integer(text: str) -> int | WrittenNumber:
    return WrittenNumber(text) if text == "-0" else int(text)


# How ``json.loads`` keeps the text of numbers whose value does not tell it, at twice the time.
AS_WRITTEN: dict[str, Any] = {"parse_float": WrittenNumber, "parse_int": _integer}


def hides_writing(records: Iterable[Any], keys: Sequence[str]) -> bool:
    """Whether a key is a number that may be written in several ways: 1.10 and 1.1, 0 and -0.

    Args:
        records: JSON values.
        keys: paths of the columns that identify a row.
    """
    return any(
        isinstance(value, float) or (value == 0 and isinstance(value, int))
        for record in records
        for value in (value_at(record, path) for path in keys)
    )


def parse_json(where: str, text: bytes, hint: str = "", *, as_written: bool = False) -> Any:
    """Return the value that ``text`` holds.

    Args:
        where: the place of the text, for errors.
        text: JSON as ``load_json`` takes it.
        hint: what to do where text goes on after the value.
        as_written: whether numbers know their text, where their value does not tell it.

    Raises:
        SourceError: it is not valid JSON; the message names line and column.
    """
    try:
        return load_json(text, as_written=as_written)
    except json.JSONDecodeError as error:
        position = f"line {error.lineno}, column {error.colno}"
        advice = hint if hint and error.msg == "Extra data" else "was it written to the end?"
        raise SourceError(f"{where}: not valid JSON at {position}: {error.msg}: {advice}") from None
    except RecursionError:
        raise SourceError(f"{where}: the JSON is nested too deeply to be read") from None
    except ValueError as error:  # a number with thousands of digits
        raise SourceError(f"{where}: not JSON that can be read: {error}") from None


def load_json(text: bytes, *, as_written: bool = False) -> Any:
    r"""Return the value that ``text`` holds.

    Args:
        text: JSON in UTF-8; NaN and Infinity are allowed, because many programs write them. Bytes
            that are no UTF-8 become lone surrogates, as ``\ud83d`` without its other half does.
        as_written: whether numbers know their text, where their value does not tell it.

    Raises:
        ValueError: it is not valid JSON.
        RecursionError: it is nested too deeply.
    """
    hooks = AS_WRITTEN if as_written else {}
    try:
        return json.loads(text, **hooks)
    except UnicodeDecodeError:
        return json.loads(text.decode("utf-8-sig", "surrogateescape"), **hooks)


def may_hold_unkept(text: bytes) -> bool:
    """Whether values of JSON may hold half a character or NUL: only escapes and bad bytes do."""
    return b"\\u" in text or not _is_utf8(text)


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
