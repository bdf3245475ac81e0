"""From a source's configuration to the reader of its kind."""

from collections.abc import Sequence

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
    key_columns: Sequence[str] = (),
) -> Reader:
    """Return the reader of a source; nothing is read or resolved yet.

    Args:
        config: of the source.
        limits: of reading.
        secrets: resolves references in the configuration.
        key_columns: columns that identify a row, whose texts stay as they are.
    """
    reader = _open_plain(config, limits, secrets)
    return NotationReader(reader, config.place, Notation(config, key_columns))


def _open_plain(config: SourceConfig, limits: ReadLimits, secrets: SecretResolver) -> Reader:
    """The reader of the kind; its libraries are imported only now: each takes a while."""
    match config:
        case CsvConfig():
            from sources.csv_reader import CsvReader

            return CsvReader(config, limits, secrets)
        case JsonConfig():
            from sources.json_reader import JsonReader

            return JsonReader(config, limits, secrets)
        case JsonLinesConfig():
            from sources.jsonl_reader import JsonLinesReader

            return JsonLinesReader(config, limits, secrets)
        case ParquetConfig():
            from sources.parquet_reader import ParquetReader

            return ParquetReader(config, limits, secrets)
        case SqlConfig():
            from sources.sql_reader import SqlReader

            return SqlReader(config, limits, secrets)
        case HttpConfig():
            from sources.http_reader import HttpReader

            return HttpReader(config, limits, secrets)
