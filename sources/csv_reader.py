"""Read CSV files with Arrow: strict about ragged rows, types from every row, no GIL held."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import BufferedReader
from itertools import repeat

import pandas as pd
import pyarrow as pa
from pyarrow import csv

from sources.bad_rows import BadRows
from sources.base import ReadLimits
from sources.columns import ChosenColumns, choose_with_keys
from sources.config import CsvConfig
from sources.csv_format import (
    fill_gaps,
    wrong_encoding,
)
from sources.csv_text import CsvText, UnreadableRowError
from sources.csv_types import wider_type
from sources.files import is_within
from sources.frames import to_frame
from sources.open_table import FrameTable, OpenTable
from sources.secrets import SecretResolver
from sources.spool import Spool
from sources.spooled_table import SpooledTable

_LEAST_BYTES = 2  # of a value and what ends it


class CsvReader:
    """Reads a CSV file; the types of its columns are those that fit all of its rows."""

    def __init__(
        self,
        config: CsvConfig,
        limits: ReadLimits,
        secrets: SecretResolver,
        keys: Sequence[str],
        bad: BadRows,
    ) -> None:
        self._bad = bad
        self._text = CsvText(config, limits, secrets, bad)
        self._config = config
        self._keys = keys
        self._limits = limits
        self._secrets = secrets

    def read(self, columns: Sequence[str] | None = None, limit: int | None = None) -> pd.DataFrame:
        """Return rows, as ``Reader.read``.

        With a ``limit`` only the beginning of the file is read, and types are those that fit it.
        """

        def rows() -> pa.Table:
            names = self._text.names()
            chosen = choose_with_keys(self._config.place, names, columns, self._keys)
            table = self._rows(names, chosen, limit)
            self._bad.n_rows = len(table)
            return table

        return to_frame(self._text.with_bad_rows(rows))

    @contextmanager
    def open_table(self, columns: Sequence[str] | None = None) -> Iterator[OpenTable]:
        """Open the rows, as ``Reader.open_table``; types are those that ``read`` would find."""
        if self._is_small():
            yield FrameTable(self.read(columns))
            return
        with Spool(self._config.place, self._limits) as spool:

            def fill() -> None:
                names = self._text.names()
                chosen = choose_with_keys(self._config.place, names, columns, self._keys)
                self._fill(spool, names, chosen)
                self._bad.n_rows = spool.n_rows

            self._text.with_bad_rows(fill)
            yield SpooledTable(spool)

    def _is_small(self) -> bool:
        """Whether the file, unpacked, is too small to hold more values than memory may."""
        most = self._limits.memory_cells * _LEAST_BYTES
        return is_within(self._config, most, self._limits, self._secrets)

    def _fill(self, spool: Spool, names: list[str], chosen: ChosenColumns) -> None:
        """Put all rows into ``spool``, of types that fit all of them.

        Arrow takes the types of a stream from its first block. Where a row does not fit, the next
        wider type is tried from the first row on, which most do not fit either.
        """
        types = _text_types(chosen)
        while True:
            with self._text.opened() as stream:
                try:
                    self._fill_with(types, spool, stream, names, chosen)
                    return
                except pa.ArrowInvalid as error:
                    column = _unfitting_column(error)
                    if column is None or names[column] not in types:
                        raise
                    name = names[column]
            wider = wider_type(types[name])
            if wider is None:  # text that does not decode
                raise UnreadableRowError(wrong_encoding(self._config, f"column `{name}`"))
            types[name] = wider

    def _fill_with(
        self,
        types: dict[str, pa.DataType],
        spool: Spool,
        stream: BufferedReader,
        names: list[str],
        chosen: ChosenColumns,
    ) -> None:
        """Fill ``spool`` from the first row on, and ``types`` where they are not known."""
        spool.clear()
        last = names[-1]  # as in ``_whole``
        included = list(dict.fromkeys([*chosen.names, last]))
        with (
            csv.open_csv(stream, **self._text.options(names, included, types)) as reader,
            self._read_again(names, chosen.twice) as again,
        ):
            types.update(zip(reader.schema.names, reader.schema.types, strict=True))
            empty = reader.schema.empty_table()
            self._text.refuse_binary(empty.select(chosen.names).schema)
            texts = None
            if chosen.twice:
                texts = pa.table({name: pa.array([], pa.string()) for name in chosen.twice})
            spool.add(self._chosen(empty, texts, chosen))
            batch = None
            for batch, texts in zip(reader, again, strict=False):
                spool.add(self._chosen(pa.Table.from_batches([batch]), texts, chosen))
            if batch is not None:
                tail = batch.column(batch.schema.get_field_index(last))
                self._text.refuse_unclosed_quote(tail, spool.n_rows)

    @contextmanager
    def _read_again(self, names: list[str], keys: list[str]) -> Iterator[Iterable[pa.Table | None]]:
        """Key columns as text, cut as the reader cuts that gives their values; None without any."""
        if not keys:
            yield repeat(None)
            return
        texts = dict.fromkeys(keys, pa.string())
        with (
            self._text.opened(again=True) as stream,
            csv.open_csv(stream, **self._text.options(names, keys, texts, again=True)) as reader,
        ):
            yield (pa.Table.from_batches([batch]) for batch in reader)

    def _chosen(self, table: pa.Table, texts: pa.Table | None, chosen: ChosenColumns) -> pa.Table:
        table = fill_gaps(self._config, table, chosen.texts)
        if texts is not None:
            texts = fill_gaps(self._config, texts, chosen.twice)
        columns = {
            shown: table.column(name) if shown == name or texts is None else texts.column(name)
            for shown, name in chosen.sources.items()
        }
        return pa.table(columns)

    def _rows(self, names: list[str], chosen: ChosenColumns, limit: int | None) -> pa.Table:
        types = _text_types(chosen)
        table = None if limit is None else self._beginning(names, chosen.names, limit, types)
        if table is None:
            table = self._whole(names, chosen.names, types)
        self._text.refuse_binary(table.schema)
        texts = None
        if chosen.twice:
            texts = self._whole(names, chosen.twice, dict.fromkeys(chosen.twice, pa.string()))
            texts = texts.slice(0, len(table))
        table = self._chosen(table, texts, chosen)
        return table if limit is None else table.slice(0, limit)

    def _whole(
        self, names: list[str], wanted: list[str], types: dict[str, pa.DataType]
    ) -> pa.Table:
        # The last column is needed to notice a quote that swallowed the rest of the file.
        included = list(dict.fromkeys([*wanted, names[-1]]))
        with self._text.opened() as stream:
            table = csv.read_csv(stream, **self._text.options(names, included, types))
            self._text.refuse_unclosed_quote(table.column(names[-1]), len(table))
        return table.select(wanted)

    def _beginning(
        self, names: list[str], wanted: list[str], limit: int, types: dict[str, pa.DataType]
    ) -> pa.Table | None:
        """The first rows; None where a row does not fit the types of the first block."""
        batches: list[pa.RecordBatch] = []
        with self._text.opened() as stream:
            reader = csv.open_csv(stream, **self._text.options(names, wanted, types))
            try:
                while sum(batch.num_rows for batch in batches) < limit:
                    batches.append(reader.read_next_batch())
            except StopIteration:
                pass
            except pa.ArrowInvalid as error:
                if "conversion error" not in str(error):
                    raise
                return None
            return pa.Table.from_batches(batches, reader.schema)


def _text_types(chosen: ChosenColumns) -> dict[str, pa.DataType]:
    return {
        name: pa.string()
        for shown, name in chosen.sources.items()
        if shown in chosen.texts and shown == name
    }


def _unfitting_column(error: pa.ArrowInvalid) -> int | None:
    found = re.search(r"In CSV column #(\d+): (Row #\d+: )?CSV conversion error", str(error))
    return None if found is None else int(found.group(1))
