"""Poll a CSV file that grows: rows end outside quotes, types hold from page to page."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv

from sources.bad_rows import BadRows
from sources.base import ReadLimits
from sources.columns import choose_columns, key_name
from sources.config import CsvConfig
from sources.csv_format import (
    arrow_options,
    column_names,
    explain,
    fill_gaps,
    read_header,
    refuse_other_delimiter,
    wrong_encoding,
)
from sources.csv_rows import RowBreaks, blank, fault
from sources.cursors import ColumnKind
from sources.errors import SourceError
from sources.growing_file import Rows
from sources.notation import Notation
from sources.polling import PollOptions
from sources.secrets import SecretResolver
from sources.steady_columns import SteadyColumns
from sources.text_file_poller import TextFilePoller

_TYPES = {
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "text": pa.string(),
    "time": pa.string(),
}
_LONG_VALUE = 1000  # lines
_MISFIT = re.compile(r"column #(\d+): Row #\d+: CSV conversion error to \w+: invalid value")


def open_csv_poller(
    config: CsvConfig, options: PollOptions, limits: ReadLimits, secrets: SecretResolver
) -> TextFilePoller:
    """Return a poller of a CSV file.

    Raises:
        SourceError: line breaks are no single bytes in its encoding, or it cannot grow.
    """
    return TextFilePoller(config, CsvRows(config, options, limits), options, limits, secrets)


class CsvRows:
    """The rows of a CSV file, as ``TextFormat``."""

    def __init__(self, config: CsvConfig, options: PollOptions, limits: ReadLimits) -> None:
        if not "a\n".encode(config.encoding).endswith(b"a\n"):
            raise SourceError(
                f"{config.place}: a file in {config.encoding} cannot be read on from a byte: let "
                "it be written in utf-8, or run `detect` on a schedule"
            )
        self._config = config
        self._options = options
        self._limits = limits
        self.encoding = config.encoding
        breaks = RowBreaks(config)
        self.split, self.stand_in = breaks.split, breaks.stand_in

    def body(self, head: bytes) -> int | None:
        """Return the end of the header, the first row with anything in it after ``skip_rows``."""
        start = 0
        for _ in range(self._config.skip_rows):
            start = head.find(b"\n", start) + 1
            if not start:
                return None
        previous = 0
        for end in self.split(head[start:]).tolist():
            if head[start + previous : start + end].strip(b"\r\n"):
                return start + int(end)
            previous = end
        return None

    def frame(
        self, header: bytes, rows: Rows, columns: SteadyColumns, bad: BadRows
    ) -> pd.DataFrame:
        """Return rows as a frame; columns whose types are unknown are looked at first."""
        with self._errors(rows):
            found = read_header(self._config, BytesIO(header), len(header) + 1)
        names = column_names(self._config, found, self._limits.max_columns)
        if len(names) == 1 and len(rows.ends):
            first = rows.data[: int(rows.ends[0])].decode(self.encoding, "replace")
            refuse_other_delimiter(self._config, names[0], first)
        wanted = choose_columns(self._config.place, names, self._options.wanted)
        choose_columns(self._config.place, names, self._options.roles)
        columns.notices += self._open_quote(rows)
        rows = self._readable(rows, bad)
        columns.kinds |= dict.fromkeys(self._options.text_keys, "text")
        with self._errors(rows):
            if any(columns.kinds.get(name, "unknown") == "unknown" for name in wanted):
                columns.learn(self._parse(rows, names, wanted, columns)[0])
            values, ragged = self._parse(rows, names, wanted, columns)
            twice = list(self._options.value_keys)
            if twice:
                as_text: dict[str, ColumnKind] = dict.fromkeys(twice, "text")
                texts, _ = self._parse(rows, names, twice, columns, as_text)
                values |= {key_name(name): texts[name] for name in twice}
        for row, why in ragged.items():
            bad.leave_out(f"line {rows.line_of(row)}", why)
        left = [row for row in range(len(rows.ends)) if row not in ragged] if ragged else None
        return columns.frame(values, lambda row: f"line {rows.line_of(left[row] if left else row)}")

    def _readable(self, rows: Rows, bad: BadRows) -> Rows:
        """The rows, of which those that are no text are blank."""
        if fault(rows.data, self.encoding) is None:
            return rows
        kept, start, line = [], 0, rows.line + 1
        for end in rows.ends.tolist():
            row = rows.data[start:end]
            why = fault(row, self.encoding)
            if why is not None:
                bad.leave_out(f"line {line}", why)
            kept.append(row if why is None else blank(row))
            start, line = end, line + row.count(b"\n")
        ends = np.cumsum([len(row) for row in kept])
        return replace(rows, data=b"".join(kept), ends=ends)

    def _parse(
        self,
        rows: Rows,
        names: list[str],
        wanted: list[str],
        columns: SteadyColumns,
        as_kinds: Mapping[str, ColumnKind] | None = None,
    ) -> tuple[dict[str, pa.ChunkedArray], dict[int, str]]:
        """Columns, and why each row, by its number, is none."""
        ragged: dict[int, str] = {}

        def leave_out(row: csv.InvalidRow) -> str:
            ragged[row.number - 1] = (
                f"has {row.actual_columns} values, the header has {row.expected_columns} columns: "
                "correct the line, or set `delimiter` or `quote`"
            )
            return "skip"

        kinds = {name: (as_kinds or columns.kinds).get(name, "unknown") for name in wanted}
        types = {name: _TYPES[kind] for name, kind in kinds.items() if kind != "unknown"}
        if Notation(self._config).is_set:  # which Arrow knows in part only
            types = dict.fromkeys(types, pa.string())
        if not rows.data.strip(b"\r\n"):
            empty = pa.chunked_array([pa.nulls(0)])
            return {name: empty.cast(types.get(name, pa.null())) for name in wanted}, ragged
        table = self._read(rows, names, wanted, types, leave_out)
        for field in table.schema:
            if pa.types.is_binary(field.type):  # what Arrow takes text for that does not decode
                raise wrong_encoding(self._config, f"column `{field.name}`")
        table = fill_gaps(self._config, table, as_kinds or self._options.text_keys)
        return dict(zip(wanted, table.columns, strict=True)), ragged

    def _read(
        self,
        rows: Rows,
        names: list[str],
        wanted: list[str],
        types: dict[str, pa.DataType],
        ragged: Callable[[csv.InvalidRow], str],
    ) -> pa.Table:
        """The rows, with the columns as text that hold values of another type than so far."""
        options = arrow_options(
            self._config, names, wanted, types, len(rows.data) + 1, ragged=ragged
        )
        try:
            return csv.read_csv(pa.BufferReader(rows.data), **options)
        except pa.ArrowInvalid as error:
            misfit = _MISFIT.search(str(error))
            name = names[int(misfit.group(1))] if misfit else None
            if name is None or types.get(name, pa.string()) == pa.string():
                raise
            return self._read(rows, names, wanted, {**types, name: pa.string()}, ragged)

    def _open_quote(self, rows: Rows) -> list[str]:
        waiting = 0 if rows.more else rows.pending.count(b"\n")
        if waiting < _LONG_VALUE:
            return []
        line = rows.line + rows.data.count(b"\n") + 1
        return [
            f"a quote opened in line {line} is not closed in {waiting} lines, so that none of them "
            "is read: close it, or set `quote`"
        ]

    @contextmanager
    def _errors(self, rows: Rows) -> Iterator[None]:
        try:
            yield
        except pa.ArrowInvalid as error:
            raise self._explain(str(error), rows) from None
        except UnicodeError:
            raise wrong_encoding(self._config, "the text") from None

    def _explain(self, message: str, rows: Rows) -> SourceError:
        if "UTF8" in message:
            return wrong_encoding(self._config, "the text")
        return SourceError(f"{self._config.place}: {explain(message)}")
