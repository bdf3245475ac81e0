"""Values of a SQL column that a cursor keeps, with their types."""

import math
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from sources.values import UnreadableValue

_TYPES: dict[str, type] = {
    # A datetime is a date too, so the order counts.
    "time": datetime,
    "date": date,
    "integer": int,
    "float": float,
    "decimal": Decimal,
    "text": str,
    "uuid": UUID,
}
_READ: dict[str, Callable[[str], Any]] = {
    **_TYPES,
    "time": datetime.fromisoformat,
    "date": date.fromisoformat,
}
_DAY = 86_400


class KeptValue(BaseModel):
    """A value as text, and what it was."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["integer", "float", "decimal", "text", "time", "date", "uuid"]
    text: str

    def value(self) -> Any:
        """Return the value as the driver gave it.

        Raises:
            ValueError: the text is damaged.
        """
        try:
            return _READ[self.kind](self.text)
        except ArithmeticError as error:  # what a Decimal says of a text that is none
            raise ValueError(self.text) from error


def keep(value: object) -> KeptValue:
    """Return ``value`` as it is kept.

    Raises:
        ValueError: it is of a type that has no order to read on by, or not finite.
    """
    if isinstance(value, UnreadableValue):
        raise ValueError(f"{str(value)!r}, a value that cannot be kept")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a number that is not finite")
    for kind, expected in _TYPES.items():
        if isinstance(value, expected) and not isinstance(value, bool):
            text = value.isoformat() if isinstance(value, date) else str(value)
            return KeptValue.model_validate({"kind": kind, "text": text})
    raise ValueError(f"a value of type {type(value).__name__}")


def earlier(value: Any, lag: float) -> Any:
    """Return the value that lies ``lag`` before: seconds before a time, units before a number.

    A text that is a time in ISO 8601 gives one that sorts before all texts of its form that are
    not earlier.

    Raises:
        ValueError: it is neither number nor time.
    """
    if isinstance(value, datetime):
        return value - timedelta(seconds=lag)
    if isinstance(value, date):
        return value - timedelta(days=math.ceil(lag / _DAY))
    if isinstance(value, Decimal):
        return value - Decimal(str(lag))
    if isinstance(value, (int, float)):
        return value - (int(lag) if lag.is_integer() else lag)
    moment = datetime.fromisoformat(value) - timedelta(seconds=lag)
    if len(value) == len("2024-01-31"):
        return moment.date().isoformat()
    return moment.replace(tzinfo=None).isoformat(value[10], "seconds")


def distance(first: Any, last: Any) -> float | None:
    """Return how far ``last`` lies after ``first``: seconds or units; None between texts."""
    if isinstance(first, (int, float, Decimal)):
        return float(last - first)
    if isinstance(first, str):
        try:
            first, last = datetime.fromisoformat(first), datetime.fromisoformat(last)
        except ValueError:
            return None
    if isinstance(first, date):
        seconds: float = (last - first).total_seconds()
        return seconds
    return None
