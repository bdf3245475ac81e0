"""Rows of Parquet files, row group after row group."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa
from pyarrow import dataset, parquet

from sources.arrow_text import kept_text
from sources.bad_rows import BadRows
from sources.base import ReadLimits
from sources.frames import to_frame
from sources.open_table import frames_of
from sources.parquet_files import check_unpacked, decode
from sources.sizes import unpacked_size

# Otherwise Arrow reads a row group as a whole, packed, before its first row is there.
_BUFFER_BYTES = 2**20


@dataclass(frozen=True)
class _Group:
    """A row group, and the row of the table at which it begins."""

    file: dataset.ParquetFileFragment
    number: int
    start: int
    n_rows: int


class ParquetTable:
    """Parquet files as one table; see ``OpenTable``.

    A row group is decoded page by page: nothing is held of it but the rows of a chunk. A few bytes
    can stand for billions of rows all the same: a row group is given up at the limit of bytes.

    Args:
        place: where the rows come from, for errors.
        rows: the files, with the schema that holds all of them.
        columns: those wanted.
        limits: the most bytes of values, of the whole or of a chunk.
        errors: turns what reading raises into source errors.
        bad: notes texts that were changed.
    """

    is_shared = True

    def __init__(
        self,
        place: str,
        rows: dataset.Dataset,
        columns: Sequence[str],
        limits: ReadLimits,
        errors: Callable[[], AbstractContextManager[None]],
        bad: BadRows,
    ) -> None:
        self._bad = bad
        self._place = place
        self._rows = rows
        self._limits = limits
        self._errors = errors
        self._schema = pa.schema([rows.schema.field(name) for name in columns])
        self._groups: list[_Group] = []
        self._n_rows = 0
        for file in rows.get_fragments():
            for group in file.row_groups:
                self._groups.append(_Group(file, group.id, self._n_rows, group.num_rows))
                self._n_rows += group.num_rows

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns wanted."""
        return tuple(self._schema.names)

    @property
    def starts(self) -> Sequence[int]:
        """The first row of each row group."""
        return [group.start for group in self._groups]

    def __len__(self) -> int:
        """Return the number of rows."""
        return self._n_rows

    def whole(self) -> pd.DataFrame:
        """Return all rows as one frame."""
        with self._errors():
            rows = self._rows.scanner(columns=list(self.columns))
            return to_frame(kept_text(self._bad, decode(self._place, rows, self._limits)))

    def chunks(self, size: int, first: int = 0, last: int | None = None) -> Iterator[pd.DataFrame]:
        """Yield rows as ``OpenTable.chunks``."""
        end = len(self) if last is None else last
        groups = [group for group in self._groups if first <= group.start < end]
        return frames_of(self._batches(groups, size), size, first)

    def rest_of_group(self, row: int, size: int) -> Iterator[pa.Table]:
        """Yield the rows of one row group from ``row`` on, in tables of at most ``size``."""
        group = self._groups[bisect_right(self.starts, row) - 1]
        left_out = row - group.start
        for rows in self._batches([group], size):
            if left_out < len(rows):
                yield rows.slice(left_out)
            left_out = max(left_out - len(rows), 0)

    def _batches(self, groups: list[_Group], size: int) -> Iterator[pa.Table]:
        n_rows = n_bytes = 0  # of a row group, or of several where a chunk spans them
        for group in groups:
            if n_rows >= size:
                n_rows = n_bytes = 0
            n_rows += group.n_rows
            place = f"{self._place}, row group {group.number + 1}"
            # Each value takes a byte at least: too many are noticed before one is unpacked.
            check_unpacked(place, n_bytes + group.n_rows * len(self.columns), self._limits)
            keys = dataset.get_partition_keys(group.file.partition_expression)
            wanted = [name for name in self.columns if name not in keys]
            # What reads the batches does not raise in here.
            with self._errors(), self._opened(group) as file:
                start = group.start
                for batch in file.iter_batches(
                    size, row_groups=[group.number], columns=wanted, use_threads=False
                ):
                    rows = self._fitting(batch, keys)
                    n_bytes += sum(unpacked_size(column.chunk(0)) for column in rows.columns)
                    check_unpacked(place, n_bytes, self._limits)
                    yield kept_text(self._bad, rows, start)
                    start += len(rows)

    def _opened(self, group: _Group) -> parquet.ParquetFile:
        return parquet.ParquetFile(
            group.file.path,
            filesystem=self._rows.filesystem,
            buffer_size=_BUFFER_BYTES,
            pre_buffer=False,
        )

    def _fitting(self, batch: pa.RecordBatch, keys: Mapping[str, Any]) -> pa.Table:
        """The rows with the types of the whole table, and what the folders' names say of them."""
        columns = []
        for field in self._schema:
            if field.name in keys:
                columns.append(pa.repeat(pa.scalar(keys[field.name], field.type), len(batch)))
            elif field.name in batch.schema.names:
                columns.append(batch.column(field.name).cast(field.type))
            else:
                columns.append(pa.nulls(len(batch), field.type))
        return pa.table(columns, schema=self._schema)
