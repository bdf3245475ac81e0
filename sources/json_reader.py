"""Read JSON documents that hold a list of records."""

from collections.abc import Sequence

from sources.base import ReadLimits
from sources.config import JsonConfig
from sources.files import open_file
from sources.json_text import parse_json
from sources.record_fields import FieldPicker
from sources.records import find_records, records_table
from sources.secrets import SecretResolver
from sources.spool import Spool
from sources.spooled_table import SpooledTable
from sources.spooling_reader import SpoolingReader
from sources.text_check import check_text


class JsonReader(SpoolingReader):
    """Reads a JSON document; a column's type is one that fits all of its values."""

    def __init__(self, config: JsonConfig, limits: ReadLimits, secrets: SecretResolver) -> None:
        super().__init__(config.place, limits)
        self._config = config
        self._secrets = secrets

    def _fill(
        self, spool: Spool, columns: Sequence[str] | None, limit: int | None = None
    ) -> SpooledTable:
        """The document is parsed as a whole."""
        with open_file(self._config, self._limits, self._secrets) as stream:
            check_text(self._place, stream.peek())
            document = parse_json(self._place, stream.read(), "one object a line is `kind: jsonl`")
        config = self._config
        records = find_records(self._place, document, config)[:limit]
        picker = FieldPicker(self._place, config.fields if config.orient == "records" else {})
        table = records_table(
            self._place, picker.pick(records), columns, self._limits, spool, config.null_values
        )
        picker.check()
        return table
