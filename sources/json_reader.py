"""Read JSON documents that hold a list of records."""

from collections.abc import Sequence

from sources.bad_rows import BadRows
from sources.base import ReadLimits
from sources.config import JsonConfig
from sources.files import open_file
from sources.good_records import good_records
from sources.json_text import may_hold_unkept, parse_json
from sources.records import find_records, records_table
from sources.secrets import SecretResolver
from sources.spool import Spool
from sources.spooled_table import SpooledTable
from sources.spooling_reader import SpoolingReader
from sources.text_check import check_text


class JsonReader(SpoolingReader):
    """Reads a JSON document; a column's type is one that fits all of its values."""

    def __init__(
        self, config: JsonConfig, limits: ReadLimits, secrets: SecretResolver, bad: BadRows
    ) -> None:
        super().__init__(config.place, limits, bad)
        self._config = config
        self._secrets = secrets

    def _fill(
        self, spool: Spool, columns: Sequence[str] | None, limit: int | None = None
    ) -> SpooledTable:
        """The document is parsed as a whole."""
        with open_file(self._config, self._limits, self._secrets) as stream:
            check_text(self._place, stream.peek())
            text = stream.read()
        document = parse_json(self._place, text, "one object a line is `kind: jsonl`")
        found = find_records(self._place, document, self._config.records)[:limit]
        records = (record for _, record in good_records(self._bad, found, may_hold_unkept(text)))
        return records_table(self._place, records, columns, self._limits, spool)
