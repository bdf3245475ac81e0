"""From Arrow tables to frames, with the same plain types whatever the source."""

import json
from collections.abc import Iterator

import pandas as pd
import pyarrow as pa
from pyarrow import compute

from sources.errors import SourceError
from sources.values import without_extension


def to_frame(table: pa.Table) -> pd.DataFrame:
    """Return a frame with a RangeIndex and one of these types in each column.

    Numbers stay what they are, where none is missing: integers and booleans with missing values
    become float64 with NaN, as do decimals and columns without any value. Dates and times are
    datetime64, in microseconds unless that loses digits. Times of day, bytes and nested values
    become text.

    Raises:
        SourceError: no type of a frame holds what a column has.
    """
    columns = [_known(*each) for each in zip(table.column_names, table.columns, strict=True)]
    plain = pa.table(columns, names=table.column_names)
    # One thread: to share the columns out takes longer than to copy them.
    return plain.to_pandas(ignore_metadata=True, date_as_object=False, use_threads=False)


def slices(frame: pd.DataFrame, size: int) -> Iterator[pd.DataFrame]:
    """Yield the rows of ``frame`` in frames of at most ``size`` rows, the index running on."""
    for start in range(0, len(frame), size):
        yield frame.iloc[start : start + size]


def _known(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    try:
        return _plain(column)
    except (pa.ArrowException, NotImplementedError, ValueError, OverflowError) as error:
        raise unknown_type(name, column.type, error) from None


def unknown_type(name: str, kind: pa.DataType, error: Exception) -> SourceError:
    """Return the error for a column whose values cannot be read."""
    return SourceError(
        f"column `{name}` holds {kind}, with values that cannot be read ({error}): name the other "
        "columns in `columns`, or write it as numbers, times or text"
    )


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        return _plain(without_extension(column))
    if pa.types.is_run_end_encoded(kind):
        return _plain(compute.run_end_decode(column))
    if pa.types.is_binary_view(kind):
        return _text_or_hex(column.cast(pa.binary()))
    if pa.types.is_dictionary(kind):
        return _plain(column.cast(kind.value_type))
    if pa.types.is_null(kind) or pa.types.is_decimal(kind):
        return column.cast(pa.float64())
    if pa.types.is_boolean(kind) and column.null_count:
        return column.cast(pa.uint8()).cast(pa.float64())
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return _microseconds(column)
    if pa.types.is_time(kind):
        return column.cast(pa.string())
    if (
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
    ):
        return _text_or_hex(column)
    if pa.types.is_nested(kind):
        return _json_text(column)
    return column


def _microseconds(column: pa.ChunkedArray) -> pa.ChunkedArray:
    zone = column.type.tz if pa.types.is_timestamp(column.type) else None
    try:
        return column.cast(pa.timestamp("us", zone))
    except pa.ArrowInvalid:  # nanoseconds that count, or years past 290,000
        return column


def _text_or_hex(column: pa.ChunkedArray) -> pa.ChunkedArray:
    try:
        return column.cast(pa.binary()).cast(pa.string())
    except pa.ArrowInvalid:
        values = [None if value is None else value.hex() for value in column.to_pylist()]
        return pa.chunked_array([pa.array(values, pa.string())])


def _json_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    values = [
        None if value is None else json.dumps(value, ensure_ascii=False, default=str)
        for value in column.to_pylist()
    ]
    return pa.chunked_array([pa.array(values, pa.string())])
