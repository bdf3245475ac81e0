"""From a source's configuration to the poller of its kind."""

from sources.base import ReadLimits
from sources.config import (
    CsvConfig,
    HttpConfig,
    JsonConfig,
    JsonLinesConfig,
    ParquetConfig,
    SourceConfig,
    SqlConfig,
)
from sources.errors import SourceError
from sources.polling import Poller, PollOptions
from sources.secrets import SecretResolver


def open_poller(
    config: SourceConfig, options: PollOptions, limits: ReadLimits, secrets: SecretResolver
) -> Poller:
    """Return the poller of a source; nothing is read yet.

    A poller's libraries are imported when it is asked for: each takes a while.

    Raises:
        SourceError: a source that is so configured cannot be polled; the message names the way
            out.
    """
    match config:
        case CsvConfig():
            from sources.csv_poller import open_csv_poller

            return open_csv_poller(config, options, limits, secrets)
        case JsonLinesConfig():
            from sources.jsonl_poller import open_jsonl_poller

            return open_jsonl_poller(config, options, limits, secrets)
        case ParquetConfig():
            from sources.parquet_poller import ParquetPoller

            return ParquetPoller(config, options, limits, secrets)
        case SqlConfig():
            from sources.sql_poller import SqlPoller

            return SqlPoller(config, options, limits, secrets)
        case HttpConfig():
            from sources.http_poller import HttpPoller

            return HttpPoller(config, options, limits, secrets)
        case JsonConfig():
            raise SourceError(
                f"{config.place}: a JSON document is written as a whole, and does not grow: write "
                "one object a line (`kind: jsonl`), or run `detect` on a schedule"
            )
