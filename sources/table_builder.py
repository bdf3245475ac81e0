"""Gather rows of Python values, batch by batch, as Arrow tables."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from sources.base import ReadLimits
from sources.errors import SourceError
from sources.sizes import unpacked_size
from sources.spool import Spool
from sources.values import to_array, to_text


class TableBuilder:
    """Puts batches into a spool as Arrow arrays, a tenth of the size of their Python values.

    Args:
        place: where the rows come from, for errors.
        limits: the most bytes of values.
        spool: to fill.
        null_values: texts that mean no value among numbers and times.
    """

    def __init__(
        self, place: str, limits: ReadLimits, spool: Spool, null_values: Iterable[str] = ()
    ) -> None:
        self._place = place
        self._limits = limits
        self._spool = spool
        self._null_values = frozenset(null_values)
        self._bytes = 0

    def add(self, batch: Mapping[str, Sequence[Any]], texts: Collection[str] = ()) -> None:
        """Append the columns of a batch; one that is new or absent has missing values elsewhere.

        Args:
            batch: values by column.
            texts: columns to keep as text, exactly as the source has it.

        Raises:
            SourceError: the table has become too large.
        """
        known = self._spool.types
        table = pa.table(
            {
                name: to_text(values) if name in texts else to_array(values, self._null_values)
                for name, values in batch.items()
            }
        )
        self._bytes += sum(unpacked_size(column.chunk(0)) for column in table.columns)
        gaps = len(batch.keys() - known) * self._spool.n_rows
        gaps += len(known.keys() - batch) * len(table)
        self._bytes += unpacked_size(pa.nulls(gaps))
        if self._bytes > self._limits.max_bytes:
            raise SourceError(
                f"{self._place}: holds more than the {self._limits.max_bytes} bytes allowed: "
                "read fewer columns or rows, or raise VIGIL_READ_MAX_BYTES"
            )
        self._spool.add(table)
