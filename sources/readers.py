"""From a source's configuration to the reader of its kind."""

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
from sources.secrets import SecretResolver


def open_reader(
    config: SourceConfig,
    limits: ReadLimits,
    secrets: SecretResolver,
    bad: BadRows | None = None,
) -> Reader:
    """Return the reader of a source; nothing is read or resolved yet.

    A reader's libraries are imported when it is asked for: each takes a while.

    Args:
        config: of the source.
        limits: of reading.
        secrets: resolves references.
        bad: gathers what is wrong with single rows, for who wants to know of it afterwards.
    """
    bad = bad or BadRows(config.place)
    match config:
        case CsvConfig():
            from sources.csv_reader import CsvReader

            return CsvReader(config, limits, secrets, bad)
        case JsonConfig():
            from sources.json_reader import JsonReader

            return JsonReader(config, limits, secrets, bad)
        case JsonLinesConfig():
            from sources.jsonl_reader import JsonLinesReader

            return JsonLinesReader(config, limits, secrets, bad)
        case ParquetConfig():
            from sources.parquet_reader import ParquetReader

            return ParquetReader(config, limits, secrets, bad)
        case SqlConfig():
            from sources.sql_reader import SqlReader

            return SqlReader(config, limits, secrets, bad)
        case HttpConfig():
            from sources.http_reader import HttpReader

            return HttpReader(config, limits, secrets, bad)
