"""Texts of Arrow tables, some of whose bytes may be none."""

from functools import partial

import pyarrow as pa
from pyarrow import compute

from sources.bad_rows import BadRows


def kept_text(bad: BadRows, table: pa.Table, first: int = 0) -> pa.Table:
    """Return a table whose texts every database can keep.

    Args:
        bad: notes those that are changed.
        table: as it was read: Arrow does not look at the bytes of a text.
        first: number of its first row in the source, from 0.
    """
    for place, field in enumerate(table.schema):
        column = table.column(place)
        if _is_text(field.type) and not all(map(_can_be_kept, column.chunks)):
            values = [
                None if data is None else data.decode("utf-8", "surrogateescape")
                for data in _bytes(column)
            ]
            kept = [
                bad.kept(value, field.name, partial("row {}".format, first + row + 1))
                for row, value in enumerate(values)
            ]
            table = table.set_column(place, field.name, pa.array(kept, pa.string()))
    return table


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _bytes(column: pa.ChunkedArray) -> list[bytes | None]:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    kind = pa.large_binary() if pa.types.is_large_string(column.type) else pa.binary()
    values: list[bytes | None] = column.cast(kind).to_pylist()
    return values


def _can_be_kept(chunk: pa.Array) -> bool:
    if pa.types.is_dictionary(chunk.type):
        chunk = chunk.dictionary
    try:
        chunk.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return not compute.any(compute.match_substring(chunk, "\0")).as_py()
