"""Read JSON documents that hold a list of records."""

from collections.abc import Iterator, Sequence

import pandas as pd

from sources.base import ReadLimits
from sources.config import JsonConfig
from sources.files import open_file
from sources.frames import slices, to_frame
from sources.json_text import parse_json
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
            document = parse_json(place, stream.read(), "one object a line is `kind: jsonl`")
        records = find_records(place, document, self._config.records)
        return to_frame(records_table(place, records[:limit], columns, self._limits))

    def read_chunks(
        self, size: int, columns: Sequence[str] | None = None
    ) -> Iterator[pd.DataFrame]:
        """Yield rows, as ``Reader.read_chunks``; the document is parsed as a whole."""
        yield from slices(self.read(columns), size)
