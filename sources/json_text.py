"""Parse JSON, and say where it is wrong."""

import json
from typing import Any

from sources.errors import SourceError


def parse_json(where: str, text: bytes, hint: str = "") -> Any:
    """Return the value that ``text`` holds.

    Args:
        where: the place of the text, for errors.
        text: JSON in UTF-8; NaN and Infinity are allowed, because many programs write them.
        hint: what to do where text goes on after the value.

    Raises:
        SourceError: it is not valid JSON; the message names line and column.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        position = f"line {error.lineno}, column {error.colno}"
        advice = hint if hint and error.msg == "Extra data" else "was it written to the end?"
        raise SourceError(f"{where}: not valid JSON at {position}: {error.msg}: {advice}") from None
    except UnicodeDecodeError:
        raise SourceError(f"{where}: is not utf-8 text, as JSON must be") from None
    except RecursionError:
        raise SourceError(f"{where}: the JSON is nested too deeply to be read") from None
    except ValueError as error:  # a number with thousands of digits
        raise SourceError(f"{where}: not JSON that can be read: {error}") from None
