"""Read JSON documents that hold a list of records."""

from collections.abc import Sequence

from sources.base import ReadLimits
from sources.config import JsonConfig
from sources.files import open_file
from sources.records import parse_records, records_table
from sources.secrets import SecretResolver
from sources.spool import Spool
from sources.spooled_table import SpooledTable
from sources.spooling_reader import SpoolingReader
from sources.text_check import check_text


class JsonReader(SpoolingReader):
    """Reads a JSON document; a column's type is one that fits all of its values."""

    def __init__(
        self,
        config: JsonConfig,
        limits: ReadLimits,
        secrets: SecretResolver,
        keys: Sequence[str] = (),
    ) -> None:
        super().__init__(config.place, limits, keys)
        self._config = config
        self._secrets = secrets

    def _fill(
        self, spool: Spool, columns: Sequence[str] | None, limit: int | None = None
    ) -> SpooledTable:
        """The document is parsed as a whole."""
        with open_file(self._config, self._limits, self._secrets) as stream:
            check_text(self._place, stream.peek())
            hint = "one object a line is `kind: jsonl`"
            path, text = self._config.records, stream.read()
            _, records = parse_records(self._place, text, path, self._keys, hint)
        taken = records[:limit]
        return records_table(self._place, taken, columns, self._limits, spool, self._keys)
