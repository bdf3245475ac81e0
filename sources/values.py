"""From Python values, as JSON and database drivers give them, to Arrow arrays."""

import json
import math
from collections.abc import Iterable, Iterator, Sequence, Set
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
from pyarrow import compute

_NATIVE = ({str}, {bytes}, {bool}, {float}, {timedelta})
_NUMBERS = {bool, int, float, Decimal}
_TIMES = {date, datetime}
_DATE = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$"


def to_array(values: Sequence[Any], null_values: Set[str] = frozenset()) -> pa.Array:
    """Return an array of the narrowest type that holds all of ``values`` without loss.

    None is a missing value, and so is one of ``null_values`` among numbers or times. Integers
    too large for 64 bits become float64. Values of kinds that do not mix, and those no table column
    has a type for, become text.
    """
    kinds = set(map(type, values)) - {type(None)}
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
    """Return an array of text: nested values as JSON, the rest as people write them."""
    return pa.array([None if value is None else _text(value) for value in values], pa.string())


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
        return to_text(array.to_pylist())
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


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, dict, list, tuple)):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    return value.isoformat() if isinstance(value, (date, time)) else str(value)
