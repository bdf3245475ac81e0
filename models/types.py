"""Column types that hold the same values on SQLite and on PostgreSQL."""

import math
from enum import StrEnum

from sqlalchemy import JSON, BigInteger, Dialect, Enum, Float, String, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB

from models.encoding import storable_text

Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


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
    """Text of any length; characters that a database cannot hold become U+FFFD."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return text that every database takes."""
        return None if value is None else storable_text(value)


def text_enum(values: type[StrEnum], name: str) -> Enum:
    """Return the type of a column that holds one of ``values``.

    A string with a CHECK called ``name``: a native enum could not gain a value inside a
    transaction on PostgreSQL.
    """
    return Enum(
        values,
        values_callable=lambda members: [member.value for member in members],
        native_enum=False,
        create_constraint=True,
        name=name,
        length=16,
    )
