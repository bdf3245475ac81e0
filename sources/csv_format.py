"""How Arrow is told to read CSV, and what it says, in words people can act on."""

import re
from collections.abc import Callable, Collection
from io import BufferedIOBase

import pyarrow as pa
from pyarrow import compute, csv

from sources.columns import check_names
from sources.config import CsvConfig
from sources.errors import SourceError

BLOCK = 4 * 2**20


def arrow_options(
    config: CsvConfig,
    names: list[str] | None = None,
    included: list[str] | None = None,
    types: dict[str, pa.DataType] | None = None,
    block_size: int = BLOCK,
    skip_rows: int = 0,
    skip_rows_after_names: int = 0,
    ragged: Callable[[csv.InvalidRow], str] | None = None,
) -> dict[str, object]:
    """Return the options of ``csv.read_csv`` and ``csv.open_csv``.

    Args:
        config: of the source.
        names: the columns of the file; its first row when None.
        included: those to read, in this order; all when None.
        types: of columns whose values do not decide it.
        block_size: bytes parsed at a time; a row fits into them.
        skip_rows: lines before the names.
        skip_rows_after_names: rows left out before the first.
        ragged: is called for a row with more or fewer values than there are names; one is an error
            when None.
    """
    return {
        "read_options": csv.ReadOptions(
            # One thread: the caller maps sources, and only then do errors know their row.
            use_threads=False,
            block_size=block_size,
            encoding=config.encoding,
            skip_rows=skip_rows,
            column_names=names,
            skip_rows_after_names=skip_rows_after_names,
        ),
        "parse_options": csv.ParseOptions(
            delimiter=config.delimiter,
            quote_char=config.quote,
            newlines_in_values=True,
            invalid_row_handler=ragged,
        ),
        "convert_options": csv.ConvertOptions(
            include_columns=included,
            column_types=types,
            null_values=list(config.null_values),
            strings_can_be_null=False,  # as a key, NA is a text like others; see ``fill_gaps``
            decimal_point=config.decimal,
        ),
    }


def fill_gaps(config: CsvConfig, table: pa.Table, keys: Collection[str] = ()) -> pa.Table:
    """Return ``table`` with nulls for texts that stand for none: in keys only for an empty cell."""
    for place, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            words = [""] if field.name in keys else list(config.null_values)
            column = table.column(place)
            gaps = compute.is_in(column, pa.array(words, pa.string()))
            filled = compute.if_else(gaps, pa.scalar(None, pa.string()), column)
            table = table.set_column(place, field, filled)
    return table


def read_header(
    config: CsvConfig,
    stream: BufferedIOBase,
    block_size: int,
    ragged: Callable[[csv.InvalidRow], str] | None = None,
) -> list[str]:
    """Return the names in the header; the last arguments are those of ``arrow_options``.

    Raises:
        SourceError: it is in another encoding, or has another delimiter.
        ArrowInvalid: it is not valid CSV.
    """
    options = arrow_options(
        config, block_size=block_size, skip_rows=config.skip_rows, ragged=ragged
    )
    with csv.open_csv(stream, **options) as reader:
        try:
            header: list[str] = reader.schema.names
        except UnicodeDecodeError:
            raise wrong_encoding(config, "the header") from None
        if len(header) == 1:
            batch = next(iter(reader), None)
            value = str(batch.column(0)[0].as_py()) if batch is not None and batch.num_rows else ""
            refuse_other_delimiter(config, header[0], value)
    return header


def refuse_empty_header(config: CsvConfig, head: bytes) -> None:
    """Refuse a file with nothing in the line of the header, in whose place Arrow takes the next.

    With names given it then takes the header for a row.

    Args:
        config: of the source.
        head: the first bytes of the file.

    Raises:
        SourceError: the line is empty.
    """
    text = head.decode(config.encoding, "ignore").removeprefix("\ufeff")
    first, *others = re.split("\r\n|\r|\n", text)[config.skip_rows :] or [""]
    if not first and any(others):
        raise SourceError(
            f"{config.place}: line {config.skip_rows + 1} is empty: expected the names of the "
            "columns in it; set `skip_rows` to the number of lines before them"
        )


def column_names(config: CsvConfig, header: list[str], max_columns: int) -> list[str]:
    """Return the columns; one without a name in the header is called by its position, from 1.

    Raises:
        SourceError: there are too many, or two of the same name.
    """
    names = [name or f"column_{position}" for position, name in enumerate(header, 1)]
    check_names(config.place, names, max_columns)
    return names


def refuse_other_delimiter(config: CsvConfig, name: str, value: str) -> None:
    """Refuse a file whose only column is many.

    Args:
        config: of the source.
        name: of the column.
        value: the first in it.

    Raises:
        SourceError: both hold another delimiter equally often.
    """
    for other in ";\t|,":
        if 0 < name.count(other) == value.count(other):
            raise SourceError(
                f"{config.place}: its only column is named `{name}`: set `delimiter` to {other!r}"
            )


def wrong_encoding(config: CsvConfig, what: str) -> SourceError:
    """Return the error for text that does not decode."""
    return SourceError(
        f"{config.place}: {what} is not {config.encoding}: set `encoding` to what "
        "it was written in, e.g. cp1252, latin-1 or utf-16"
    )


def explain(message: str) -> str:
    """Return what an ``ArrowInvalid`` means."""
    ragged = re.search(r"Row #(\d+): Expected (\d+) columns, got (\d+)", message)
    if ragged:
        row, expected, found = ragged.groups()
        return (
            f"row {row} has {found} values, the header has {expected} columns (the header is row "
            "1): fix the row, or set `delimiter` or `quote`"
        )
    if "straddling" in message:
        return f"a row is longer than {BLOCK} bytes: a quote may be open; close it, or set `quote`"
    if "skip initial" in message:
        return "has fewer lines than `skip_rows`: lower it"
    if "Empty CSV" in message:
        return "has no header row: expected the names of the columns in the first line"
    return f"not valid CSV: {message}"
