"""Say what is wrong with a configuration in the words of the person who wrote it."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from pydantic import ValidationError
from pydantic_core import ErrorDetails

_LISTED = 20


def closest(name: str, known: Iterable[str]) -> str:
    """Return ``: did you mean ...?`` where a known name is close, else those there are."""
    known = list(known)
    matches = get_close_matches(name, known, n=1)
    if matches:
        return f": did you mean `{matches[0]}`?"
    if not known:
        return ": there is none"
    more = ", ..." if len(known) > _LISTED else ""
    return f": expected one of {', '.join(known[:_LISTED])}{more}"


def describe_problems(error: ValidationError, known: Sequence[str]) -> list[str]:
    """Return one line for each problem: the field and what was expected, never the value.

    Args:
        error: what pydantic raised.
        known: the fields that exist, to name the closest to an unknown one.
    """
    return [
        _describe(detail, known) for detail in error.errors(include_url=False, include_input=False)
    ]


def _describe(detail: ErrorDetails, known: Sequence[str]) -> str:
    field = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        return f"unknown key `{field}`{closest(field, known)}"
    if detail["type"] == "missing":
        return f"`{field}` is missing"
    message = (
        detail["msg"]
        .removeprefix("Value error, ")
        .replace("Input should be", "expected")
        .replace("String should have", "expected")
    )
    return f"`{field}`: {message}" if field else message
