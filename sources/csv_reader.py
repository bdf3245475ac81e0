"""Read CSV files with Arrow: strict about ragged rows, types from every row, no GIL held."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BufferedReader, BytesIO
from typing import cast

import pandas as pd
import pyarrow as pa
from pyarrow import csv

from sources.base import ReadLimits
from sources.columns import choose_columns
from sources.config import CsvConfig
from sources.csv_format import (
    BLOCK,
    arrow_options,
    column_names,
    explain,
    read_header,
    refuse_empty_header,
    wrong_encoding,
)
from sources.errors import SourceError
from sources.files import BoundedStream, open_file
from sources.frames import slices, to_frame
from sources.secrets import SecretResolver
from sources.text_check import check_text

# Arrow parses a block to find the header: one of 4 MB would be a small file parsed twice.
_FIRST_BLOCK = 2**15


class CsvReader:
    """Reads a CSV file; the types of its columns are those that fit all of its rows."""

    def __init__(self, config: CsvConfig, limits: ReadLimits, secrets: SecretResolver) -> None:
        self._config = config
        self._limits = limits
        self._secrets = secrets

    def read(self, columns: Sequence[str] | None = None, limit: int | None = None) -> pd.DataFrame:
        """Return rows, as ``Reader.read``.

        With a ``limit`` only the beginning of the file is read, and types are those that fit it.
        """
        names = self._names()
        wanted = choose_columns(self._config.place, names, columns)
        return to_frame(self._rows(names, wanted, limit))

    def read_chunks(
        self, size: int, columns: Sequence[str] | None = None
    ) -> Iterator[pd.DataFrame]:
        """Yield rows, as ``Reader.read_chunks``; types need the whole file read first."""
        yield from slices(self.read(columns), size)

    def _names(self) -> list[str]:
        with self._opened() as stream:
            refuse_empty_header(self._config, stream.peek())
            try:
                header = read_header(self._config, BytesIO(stream.peek()), _FIRST_BLOCK)
            except (pa.ArrowInvalid, UnicodeError):
                # A row longer than that; or an error, which is not of the first block alone.
                header = read_header(self._config, stream, BLOCK)
        return column_names(self._config, header, self._limits.max_columns)

    def _rows(self, names: list[str], wanted: list[str], limit: int | None) -> pa.Table:
        table = None if limit is None else self._beginning(names, wanted, limit)
        if table is None:
            table = self._whole(names, wanted)
        for field in table.schema:
            if pa.types.is_binary(field.type):  # what Arrow takes text for that does not decode
                raise wrong_encoding(self._config, f"column `{field.name}`")
        return table if limit is None else table.slice(0, limit)

    def _whole(self, names: list[str], wanted: list[str]) -> pa.Table:
        # The last column is needed to notice a quote that swallowed the rest of the file.
        included = list(dict.fromkeys([*wanted, names[-1]]))
        with self._opened() as stream:
            bounded = cast(BoundedStream, stream.raw)
            table = csv.read_csv(stream, **self._options(names, included))
            self._refuse_unclosed_quote(table.column(names[-1]), bounded.tail)
        return table.select(wanted)

    def _beginning(self, names: list[str], wanted: list[str], limit: int) -> pa.Table | None:
        """The first rows; None where a row does not fit the types of the first block."""
        batches: list[pa.RecordBatch] = []
        with self._opened() as stream:
            reader = csv.open_csv(stream, **self._options(names, wanted))
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

    @contextmanager
    def _opened(self) -> Iterator[BufferedReader]:
        with open_file(self._config, self._limits, self._secrets) as stream:
            check_text(self._config.place, stream.peek(), self._config.encoding)
            try:
                yield stream
            except pa.ArrowInvalid as error:
                raise SourceError(f"{self._config.place}: {explain(str(error))}") from None
            except UnicodeError:
                raise wrong_encoding(self._config, "the text") from None

    def _options(self, names: list[str], included: list[str]) -> dict[str, object]:
        return arrow_options(
            self._config,
            names,
            included,
            skip_rows=self._config.skip_rows,
            skip_rows_after_names=1,
        )

    def _refuse_unclosed_quote(self, last: pa.ChunkedArray, tail: bytes) -> None:
        if not len(last) or not pa.types.is_string(last.type):
            return
        value = last[-1].as_py() or ""
        end = tail.decode(self._config.encoding, "ignore").rstrip()
        if "\n" in value and not end.endswith(self._config.quote):
            raise SourceError(
                f"{self._config.place}: a quote ({self._config.quote}) opened in row "
                f"{len(last) + 1} is never closed: close it, or set `quote`"
            )
