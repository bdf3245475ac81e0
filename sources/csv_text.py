"""Open the text of a CSV file for Arrow, without rows that it cannot read once one was found."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BufferedReader, BytesIO
from typing import TypeVar, cast

import pyarrow as pa
from pyarrow import csv

from sources.bad_rows import BadRows
from sources.base import ReadLimits
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
from sources.csv_rows import GoodRows
from sources.errors import SourceError
from sources.files import BoundedStream, open_file
from sources.secrets import SecretResolver
from sources.text_check import check_text

# Arrow parses a block to find the header: one of 4 MB would be a small file parsed twice.
_FIRST_BLOCK = 2**15
_T = TypeVar("_T")


class UnreadableRowError(SourceError):
    """Arrow cannot read the text of a row, whose place it does not tell."""


class CsvText:
    """The text of a CSV file, opened as often as needed.

    Args:
        config: of the source.
        limits: how large it may be, and where.
        secrets: resolves references in its path.
        bad: notes the rows that are left out.
    """

    def __init__(
        self, config: CsvConfig, limits: ReadLimits, secrets: SecretResolver, bad: BadRows
    ) -> None:
        self._config = config
        self._limits = limits
        self._secrets = secrets
        self._bad = bad
        self._only_good = False  # once a row was found that Arrow cannot read

    def with_bad_rows(self, read: Callable[[], _T]) -> _T:
        """Read; where that ends at a row that Arrow cannot read, again without such rows."""
        found: SourceError | None = None
        try:
            done = read()
            if not self._is_searched(self._bounded.has_nul):
                self._bad.check()
                return done
        except UnreadableRowError as error:
            found = SourceError(str(error))
            if not self._is_searched(True):
                raise found from None
        self._only_good = True
        try:
            done = read()
            self._bad.check()
        except SourceError:
            if found is not None:  # it is not a few rows
                raise found from None
            raise
        return done

    def _is_searched(self, wanted: bool) -> bool:
        """Whether single rows are looked for in the text; not where line breaks are wide."""
        narrow = "a\n".encode(self._config.encoding).endswith(b"a\n")
        return wanted and narrow and not self._only_good

    @contextmanager
    def opened(self, again: bool = False) -> Iterator[BufferedReader]:
        """Open the text; ``again`` is beside a reader that notes the rows that are left out."""
        bad = BadRows(self._config.place) if again else self._bad
        bad.restart()
        with open_file(self._config, self._limits, self._secrets) as stream:
            if not again:
                self._bounded = cast(BoundedStream, stream.raw)
            check_text(self._config.place, stream.peek(), self._config.encoding)
            if self._only_good:
                header = self._config.skip_rows + 1
                stream = BufferedReader(GoodRows(stream, self._config, header, bad), BLOCK)
            try:
                yield stream
            except pa.ArrowInvalid as error:
                of_a_row = re.search(r"straddling|Expected \d+ columns, got", str(error))
                kind = UnreadableRowError if of_a_row else SourceError
                raise kind(f"{self._config.place}: {explain(str(error))}") from None
            except UnicodeError:
                raise UnreadableRowError(wrong_encoding(self._config, "the text")) from None

    def names(self) -> list[str]:
        """Return the names of the columns, as the header has them."""
        # Arrow cannot tell of a ragged row whose text does not decode.
        ragged = _skip if self._only_good else None
        with self.opened() as stream:
            refuse_empty_header(self._config, stream.peek())
            try:
                header = read_header(self._config, BytesIO(stream.peek()), _FIRST_BLOCK, ragged)
            except (pa.ArrowInvalid, UnicodeError):
                # A row longer than that; or an error, which is not of the first block alone.
                header = read_header(self._config, stream, BLOCK, ragged)
        return column_names(self._config, header, self._limits.max_columns)

    def options(
        self,
        names: list[str],
        included: list[str],
        types: dict[str, pa.DataType] | None = None,
        again: bool = False,
    ) -> dict[str, object]:
        """Return the options of Arrow for columns of the text, as ``arrow_options``.

        Args:
            names: of all columns.
            included: those to read.
            types: of those whose type is known.
            again: as for ``opened``.
        """
        return arrow_options(
            self._config,
            names,
            included,
            types,
            block_size=BLOCK,
            skip_rows=self._config.skip_rows,
            skip_rows_after_names=1,
            ragged=(_skip if again else self._leave_out) if self._only_good else None,
        )

    def _leave_out(self, row: csv.InvalidRow) -> str:
        found = f"has {row.actual_columns} values, the header has {row.expected_columns} columns"
        self._bad.leave_out(
            f"row {row.number}",
            f"{found} (the header is row 1): fix the row, or set `delimiter` or `quote`",
        )
        return "skip"

    def refuse_binary(self, schema: pa.Schema) -> None:
        """Refuse a column of text that does not decode.

        Raises:
            UnreadableRowError: there is one.
        """
        for field in schema:
            if pa.types.is_binary(field.type):  # what Arrow takes text for that does not decode
                raise UnreadableRowError(wrong_encoding(self._config, f"column `{field.name}`"))

    def refuse_unclosed_quote(self, last: pa.ChunkedArray | pa.Array, n_rows: int) -> None:
        """Refuse a quote that swallowed the rest of the text opened before.

        Args:
            last: values of the last column, up to the last row.
            n_rows: in the text.

        Raises:
            SourceError: it did.
        """
        if not len(last) or not pa.types.is_string(last.type):
            return
        value = last[-1].as_py() or ""
        end = self._bounded.tail.decode(self._config.encoding, "ignore").rstrip()
        if "\n" in value and not end.endswith(self._config.quote):
            raise SourceError(
                f"{self._config.place}: a quote ({self._config.quote}) opened in row "
                f"{n_rows + 1} is never closed: close it, or set `quote`"
            )


def _skip(_: csv.InvalidRow) -> str:
    return "skip"
