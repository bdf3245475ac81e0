"""Gather rows of Python values, batch by batch, into one Arrow table."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from sources.base import ReadLimits
from sources.columns import check_names
from sources.errors import SourceError
from sources.sizes import unpacked_size
from sources.values import join, parse_times, to_array


class TableBuilder:
    """Holds batches as Arrow arrays, a tenth of the size of their Python values.

    Args:
        place: where the rows come from, for errors.
        limits: the widest table and the most bytes of values.
    """

    def __init__(self, place: str, limits: ReadLimits) -> None:
        self._place = place
        self._limits = limits
        self._columns: dict[str, list[pa.Array]] = {}
        self._rows = 0
        self._bytes = 0

    def add(self, batch: Mapping[str, Sequence[Any]]) -> None:
        """Append the columns of a batch; one that is new or absent has missing values elsewhere.

        Raises:
            SourceError: the table has become too wide or too large.
        """
        rows = len(next(iter(batch.values()), ()))
        for name in batch:
            if name not in self._columns:
                self._columns[name] = [pa.nulls(self._rows)]
                self._bytes += unpacked_size(self._columns[name][0])
        check_names(self._place, tuple(self._columns), self._limits.max_columns)
        for name, arrays in self._columns.items():
            arrays.append(to_array(batch[name]) if name in batch else pa.nulls(rows))
            self._bytes += unpacked_size(arrays[-1])
        self._rows += rows
        if self._bytes > self._limits.max_bytes:
            raise SourceError(
                f"{self._place}: holds more than the {self._limits.max_bytes} bytes allowed: "
                "read fewer columns or rows, or raise VIGIL_READ_MAX_BYTES"
            )

    def table(self, times_are_text: bool = False) -> pa.Table:
        """Return all rows added; text columns of ISO 8601 times as timestamps where asked."""
        columns = [join(arrays) for arrays in self._columns.values()]
        if times_are_text:
            columns = [parse_times(column) for column in columns]
        return pa.table(columns, names=list(self._columns))
