"""Parse JSON, and say where it is wrong."""

import json
from typing import Any

from sources.errors import SourceError


def parse_json(where: str, text: bytes, hint: str = "") -> Any:
    """Return the value that ``text`` holds.

    Args:
        where: the place of the text, for errors.
        text: JSON as ``load_json`` takes it.
        hint: what to do where text goes on after the value.

    Raises:
        SourceError: it is not valid JSON; the message names line and column.
    """
    try:
        return load_json(text)
    except json.JSONDecodeError as error:
        position = f"line {error.lineno}, column {error.colno}"
        advice = hint if hint and error.msg == "Extra data" else "was it written to the end?"
        raise SourceError(f"{where}: not valid JSON at {position}: {error.msg}: {advice}") from None
    except RecursionError:
        raise SourceError(f"{where}: the JSON is nested too deeply to be read") from None
    except ValueError as error:  # a number with thousands of digits
        raise SourceError(f"{where}: not JSON that can be read: {error}") from None


def load_json(text: bytes) -> Any:
    r"""Return the value that ``text`` holds.

    Args:
        text: JSON in UTF-8; NaN and Infinity are allowed, because many programs write them. Bytes
            that are no UTF-8 become lone surrogates, as ``\ud83d`` without its other half does.

    Raises:
        ValueError: it is not valid JSON.
        RecursionError: it is nested too deeply.
    """
    try:
        return json.loads(text)
    except UnicodeDecodeError:
        return json.loads(text.decode("utf-8-sig", "surrogateescape"))


def may_hold_unkept(text: bytes) -> bool:
    """Whether values of JSON may hold half a character or NUL: only escapes and bad bytes do."""
    return b"\\u" in text or not _is_utf8(text)


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
