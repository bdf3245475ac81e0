"""Read files with one JSON object a line."""

from collections.abc import Sequence
from itertools import islice

from sources.bad_rows import BadRows
from sources.base import ReadLimits
from sources.config import JsonLinesConfig
from sources.files import open_file
from sources.good_records import bounded_lines, parsed_lines
from sources.records import records_table
from sources.secrets import SecretResolver
from sources.spool import Spool
from sources.spooled_table import SpooledTable
from sources.spooling_reader import SpoolingReader
from sources.text_check import check_text


class JsonLinesReader(SpoolingReader):
    """Reads JSON lines; a column's type is one that fits all of its values."""

    def __init__(
        self, config: JsonLinesConfig, limits: ReadLimits, secrets: SecretResolver, bad: BadRows
    ) -> None:
        super().__init__(config.place, limits, bad)
        self._config = config
        self._secrets = secrets

    def _fill(
        self, spool: Spool, columns: Sequence[str] | None, limit: int | None = None
    ) -> SpooledTable:
        with open_file(self._config, self._limits, self._secrets) as stream:
            check_text(self._place, stream.peek())
            lines = bounded_lines(self._bad, stream)
            records = islice((record for _, record in parsed_lines(self._bad, lines)), limit)
            return records_table(self._place, records, columns, self._limits, spool)
