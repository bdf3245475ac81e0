"""From a source's configuration to the reader of its kind."""

from collections.abc import Sequence

from sources.bad_rows import BadRows
from sources.base import Reader, ReadLimits
from sources.config import (
    CsvConfig,
    HttpConfig,
    JsonConfig,
    JsonLinesConfig,
    ParquetConfig,
    SourceConfig,
    SqlConfig,
)
from sources.notation import Notation
from sources.notation_reader import NotationReader
from sources.secrets import SecretResolver


def open_reader(
    config: SourceConfig,
    limits: ReadLimits,
    secrets: SecretResolver,
    keys: Sequence[str] = (),
    bad: BadRows | None = None,
) -> Reader:
    """Return the reader of a source; nothing is read or resolved yet.

    Args:
        config: of the source.
        limits: of reading.
        secrets: resolves references.
        keys: columns that identify a row: given as text exactly as the source has it.
        bad: gathers what is wrong with single rows, for who wants to know of it afterwards.
    """
    plain = _open_plain(config, limits, secrets, keys, bad or BadRows(config.place, keys))
    return NotationReader(plain, config.place, Notation(config, keys))


def _open_plain(
    config: SourceConfig,
    limits: ReadLimits,
    secrets: SecretResolver,
    keys: Sequence[str],
    bad: BadRows,
) -> Reader:
    """The reader of the kind; its libraries are imported only now: each takes a while."""
    match config:
        case CsvConfig():
            from sources.csv_reader import CsvReader

            return CsvReader(config, limits, secrets, keys, bad)
        case JsonConfig():
            from sources.json_reader import JsonReader

            return JsonReader(config, limits, secrets, keys, bad)
        case JsonLinesConfig():
            from sources.jsonl_reader import JsonLinesReader

            return JsonLinesReader(config, limits, secrets, keys, bad)
        case ParquetConfig():
            from sources.parquet_reader import ParquetReader

            return ParquetReader(config, limits, secrets, keys, bad)
        case SqlConfig():
            from sources.sql_reader import SqlReader

            return SqlReader(config, limits, secrets, keys, bad)
        case HttpConfig():
            from sources.http_reader import HttpReader

            return HttpReader(config, limits, secrets, keys, bad)
