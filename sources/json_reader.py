"""Read JSON documents that hold a list of records."""

import json
from collections.abc import Iterator, Sequence

import pandas as pd

from sources.base import ReadLimits
from sources.config import JsonConfig
from sources.errors import SourceError
from sources.files import open_file
from sources.frames import slices, to_frame
from sources.records import find_records, records_table
from sources.secrets import SecretResolver
from sources.text_check import check_text


class JsonReader:
    """Reads a JSON document; a column's type is one that fits all of its values."""

    def __init__(self, config: JsonConfig, limits: ReadLimits, secrets: SecretResolver) -> None:
        self._config = config
        self._limits = limits
        self._secrets = secrets

    def read(self, columns: Sequence[str] | None = None, limit: int | None = None) -> pd.DataFrame:
        """Return rows, as ``Reader.read``; the document is parsed as a whole."""
        place = self._config.place
        with open_file(self._config, self._limits, self._secrets) as stream:
            check_text(place, stream.peek())
            try:
                document = json.loads(stream.read())
            except json.JSONDecodeError as error:
                raise SourceError(f"{place}: {_explain(error)}") from None
            except UnicodeDecodeError:
                raise SourceError(f"{place}: is not utf-8 text, as JSON must be") from None
        records = find_records(place, document, self._config.records)
        return to_frame(records_table(place, records[:limit], columns, self._limits))

    def read_chunks(
        self, size: int, columns: Sequence[str] | None = None
    ) -> Iterator[pd.DataFrame]:
        """Yield rows, as ``Reader.read_chunks``; the document is parsed as a whole."""
        yield from slices(self.read(columns), size)


def _explain(error: json.JSONDecodeError) -> str:
    hint = ": one object a line is `kind: jsonl`" if error.msg == "Extra data" else ""
    return f"not valid JSON at line {error.lineno}, column {error.colno}: {error.msg}{hint}"
