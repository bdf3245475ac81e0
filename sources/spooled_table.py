"""A table that was read once, into a spool."""

from collections.abc import Collection, Iterator, Sequence

import pandas as pd
import pyarrow as pa
from pyarrow import compute

from sources.frames import to_frame
from sources.open_table import frames_of
from sources.spool import Spool
from sources.values import common_type, convert, time_types


class SpooledTable:
    """Reads a spool with one type a column, which fits all of its tables; see ``OpenTable``.

    Args:
        spool: filled, and kept open by the caller.
        times_are_text: whether text columns of ISO 8601 times become timestamps.
        texts: those that stay text.
        null_values: texts that mean no value where other tables hold numbers or times.
    """

    is_shared = False

    def __init__(
        self,
        spool: Spool,
        times_are_text: bool = False,
        texts: Collection[str] = (),
        null_values: Sequence[str] = (),
    ) -> None:
        self._spool = spool
        self._texts = texts
        self._null_values = pa.array(null_values, pa.string())
        self._types = {
            name: common_type(self._without_null_texts(name, kinds))
            for name, kinds in spool.types.items()
        }
        if times_are_text:
            self._types |= self._time_types()

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in the order they first appeared."""
        return tuple(self._types)

    @property
    def starts(self) -> Sequence[int]:
        """The first row of each table that was added."""
        return self._spool.starts

    def __len__(self) -> int:
        """Return the number of rows."""
        return self._spool.n_rows

    def whole(self) -> pd.DataFrame:
        """Return all rows as one frame."""
        schema = pa.schema(list(self._types.items()))
        return to_frame(pa.concat_tables([schema.empty_table(), *map(self._typed, self._spool)]))

    def chunks(self, size: int, first: int = 0, last: int | None = None) -> Iterator[pd.DataFrame]:
        """Yield rows as ``OpenTable.chunks``."""
        tables = self._spool.tables(first, len(self) if last is None else last)
        return frames_of(map(self._typed, tables), size, first)

    def _typed(self, table: pa.Table) -> pa.Table:
        columns = [self._column(table, name, kind) for name, kind in self._types.items()]
        return pa.table(columns, names=list(self._types))

    def _column(self, table: pa.Table, name: str, kind: pa.DataType) -> pa.ChunkedArray | pa.Array:
        if name not in table.column_names:
            return pa.nulls(len(table), kind)
        column = table.column(name)
        if pa.types.is_string(column.type) and not pa.types.is_string(kind):
            column = compute.if_else(self._means_none(column), None, column)
        return column.cast(kind) if pa.types.is_timestamp(kind) else convert(column, kind)

    def _without_null_texts(self, name: str, kinds: set[pa.DataType]) -> set[pa.DataType]:
        """The types of a column without text, where its only texts mean no value."""
        others = kinds - {pa.null(), pa.string()}
        if len(kinds) == len(others) or not others or pa.string() not in kinds:
            return kinds
        columns = (table.column(name) for table in self._spool if name in table.column_names)
        texts = (column for column in columns if pa.types.is_string(column.type))
        return others if all(map(self._is_empty, texts)) else kinds

    def _is_empty(self, texts: pa.ChunkedArray) -> bool:
        return compute.all(self._means_none(texts)).as_py() is not False

    def _means_none(self, texts: pa.ChunkedArray) -> pa.ChunkedArray:
        return compute.or_(compute.is_null(texts), compute.is_in(texts, self._null_values))

    def _time_types(self) -> dict[str, pa.DataType]:
        """The columns of text in which every value is a time, each with the type for all."""
        possible: dict[str, list[pa.DataType] | None] = {
            name: None
            for name, kind in self._types.items()
            if pa.types.is_string(kind) and name not in self._texts
        }
        for table in self._spool:
            for name in [name for name in possible if name in table.column_names]:
                column = table.column(name)
                if column.null_count == len(column):
                    continue
                fitting = list(time_types(column))
                before = possible[name]
                possible[name] = [k for k in fitting if before is None or k in before]
                if not possible[name]:
                    del possible[name]
        return {name: kinds[0] for name, kinds in possible.items() if kinds}
