"""From Python values, as JSON and database drivers give them, to Arrow arrays."""

import json
import math
from collections.abc import Iterable, Iterator, Sequence, Set
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
from pyarrow import compute

_NATIVE = ({str}, {bytes}, {bool}, {float}, {timedelta})
_NUMBERS = {bool, int, float, Decimal}
_TIMES = {date, datetime}
_DATE = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$"


class WrittenNumber(float):
    """A number that knows how it was written: 1.10, 1E5, -0.

    Attributes:
        text: what stands in the source.
    """

    __slots__ = ("text",)

    text: str

    def __new__(cls, text: str) -> "WrittenNumber":
        """Read a number."""
        number = super().__new__(cls, text)
        number.text = text
        return number


class UnreadableValue(str):
    """A value of a database that no type of Python holds, as the database writes it.

    An array of values lacks it; an array of text has it.
    """

    __slots__ = ()


def to_array(values: Sequence[Any], null_values: Set[str] = frozenset()) -> pa.Array:
    """Return an array of the narrowest type that holds all of ``values`` without loss.

    None, what cannot be read, and one of ``null_values`` among numbers or times are missing
    values. Integers too large for 64 bits become float64. Values of kinds that do not mix, and
    those no table column has a type for, become text.
    """
    kinds = set(map(type, values)) - {type(None)}
    if UnreadableValue in kinds:
        values = [None if isinstance(value, UnreadableValue) else value for value in values]
        kinds.remove(UnreadableValue)
    if WrittenNumber in kinds:
        kinds = kinds - {WrittenNumber} | {float}
    if not kinds:
        return pa.nulls(len(values))
    others = kinds - {str}
    if null_values and str in kinds and others and (others <= _NUMBERS or others <= _TIMES):
        texts = {value for value in values if isinstance(value, str)}
        if texts <= null_values:
            values = [None if isinstance(value, str) else value for value in values]
            kinds = others
    if kinds in _NATIVE:
        return pa.array(values)
    if kinds <= _NUMBERS:
        return _numbers(values, kinds)
    if kinds <= _TIMES:
        return _times(values)
    return to_text(values)


def to_text(values: Sequence[Any]) -> pa.Array:
    """Return an array of text, alike for a value whatever stands beside it; see ``as_text``.

    Args:
        values: as JSON and database drivers give them; None and NaN are missing.
    """
    return pa.array([None if _is_gap(value) else _text(value) for value in values], pa.string())


def as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    r"""Return a column of any type as text, as exact as the column is.

    Moments are in ISO 8601, in UTC where the column has a time zone; booleans and nested values
    are as in JSON; bytes are text where they are printable UTF-8, else their hexadecimal digits
    after ``\\x``.

    Raises:
        ArrowException: no value of this type has a text.
    """
    kind = column.type
    if pa.types.is_string(kind):
        return column
    if pa.types.is_dictionary(kind):
        return as_text(column.cast(kind.value_type))
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_large_string(kind):
        return column.cast(pa.string())
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind) or pa.types.is_time(kind):
        return _iso(column)
    if pa.types.is_float32(kind):  # 0.1, and not the double next to it
        values = [
            None if value is None else float(value)
            for value in column.cast(pa.string()).to_pylist()
        ]
        return pa.chunked_array([to_text(values)])
    return pa.chunked_array([to_text(column.to_pylist())])


def common_type(kinds: Iterable[pa.DataType]) -> pa.DataType:
    """Return the type of a column whose batches have these types: text where they do not mix."""
    held = set(kinds) - {pa.null()}
    if len(held) <= 1:
        return held.pop() if held else pa.null()
    if held <= {pa.bool_(), pa.int64(), pa.float64()}:
        return pa.float64() if pa.float64() in held else pa.int64()
    return pa.string()


def convert(array: pa.Array | pa.ChunkedArray, kind: pa.DataType) -> pa.Array | pa.ChunkedArray:
    """Return a batch of a column with the type that ``common_type`` found for all of them."""
    if array.type == kind:
        return array
    if pa.types.is_null(array.type):
        return pa.nulls(len(array), kind)
    if pa.types.is_string(kind):
        return as_text(array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array]))
    if pa.types.is_boolean(array.type):
        array = array.cast(pa.uint8())
    return array.cast(kind, safe=False)  # past 2**53 a float64 rounds an integer


def time_types(column: pa.ChunkedArray) -> Iterator[pa.DataType]:
    """Yield the types of times that hold every value of a column, the most usual first.

    There are none for a column of another type than text.
    """
    if not pa.types.is_string(column.type):
        return
    if not compute.all(compute.match_substring_regex(column, _DATE)).as_py():
        return
    for zone, unit in ((None, "us"), ("UTC", "us"), (None, "ns"), ("UTC", "ns")):
        kind = pa.timestamp(unit, zone)
        try:
            column.cast(kind)
        except pa.ArrowInvalid:
            continue
        yield kind


def all_times(texts: pa.Array) -> bool:
    """Whether every text is a date or time in ISO 8601."""
    return next(time_types(pa.chunked_array([texts])), None) is not None


def parse_times(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a text column as timestamps if every value is an ISO 8601 date or time, else as is."""
    kind = None if column.null_count == len(column) else next(time_types(column), None)
    return column if kind is None else column.cast(kind)


def _numbers(values: Sequence[Any], kinds: set[type]) -> pa.Array:
    if kinds <= {bool, int}:
        if bool in kinds:  # which Arrow takes for no integer
            values = [None if value is None else int(value) for value in values]
        try:
            return pa.array(values, pa.int64())
        except OverflowError:
            pass
    return pa.array([None if value is None else _float(value) for value in values], pa.float64())


def _float(value: bool | int | float | Decimal) -> float:
    try:
        return float(value)
    except OverflowError:  # an integer past 1e308
        return math.inf if value > 0 else -math.inf


def _times(values: Sequence[Any]) -> pa.Array:
    moments = [_moment(value) for value in values if value is not None]
    zoned = {moment.tzinfo is not None for moment in moments}
    if len(zoned) > 1:
        return to_text(values)
    kind = pa.timestamp("us", "UTC" if zoned.pop() else None)
    return pa.array([None if value is None else _moment(value) for value in values], kind)


def _moment(value: date) -> datetime:
    return value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)


def without_extension(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column of an extension type as what it is stored as; a UUID as its text."""
    if isinstance(column.type, pa.UuidType):
        return as_text(column)
    if isinstance(column.type, pa.BaseExtensionType):
        return column.cast(column.type.storage_type)
    return column


def _iso(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Dates and times as ``isoformat`` writes them, of any year."""
    kind = column.type
    zone = "UTC" if pa.types.is_timestamp(kind) and kind.tz else None
    if zone:
        column = column.cast(pa.timestamp(kind.unit, zone))
    text = column.cast(pa.string())
    if pa.types.is_timestamp(kind):
        text = compute.replace_substring(text, " ", "T", max_replacements=1)
    for pattern, form in (
        (r"^<value.out of range: (-?\d+)>$", r"\1"),  # past the year 32767: its number
        (r"Z$", "+00:00"),
        (r"\.0+(\+00:00)?$", r"\1"),  # of a whole second
        (r"\.(\d{3})(\+00:00)?$", r".\1000\2"),
        (r"\.(\d{6})000(\+00:00)?$", r".\1\2"),  # of a whole microsecond
    ):
        text = compute.replace_substring_regex(text, pattern, form)
    return text


def _is_gap(value: Any) -> bool:
    return value is None or (isinstance(value, (float, Decimal)) and math.isnan(value))


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, WrittenNumber):
        return value.text
    if isinstance(value, (bool, dict, list, tuple)):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return _text_of_bytes(bytes(value))
    if isinstance(value, Decimal) and value.is_finite():
        return format(value, "f")
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, (date, time)) else str(value)


def _text_of_bytes(value: bytes) -> str:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = ""
    # What begins like digits is written in digits: no two values share a text.
    plain = text.isprintable() and text and not text.startswith("\\x")
    return text if plain else f"\\x{value.hex()}"
