"""Read JSON documents that hold a list of records."""

from collections.abc import Sequence

from sources.bad_rows import BadRows
from sources.base import ReadLimits
from sources.config import JsonConfig
from sources.files import open_file
from sources.good_records import good_records
from sources.json_text import may_hold_unkept
from sources.record_fields import FieldPicker
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
        keys: Sequence[str],
        bad: BadRows,
    ) -> None:
        super().__init__(config.place, limits, keys, bad)
        self._config = config
        self._secrets = secrets

    def _fill(
        self, spool: Spool, columns: Sequence[str] | None, limit: int | None = None
    ) -> SpooledTable:
        """The document is parsed as a whole."""
        with open_file(self._config, self._limits, self._secrets) as stream:
            check_text(self._place, stream.peek())
            text = stream.read()
        config = self._config
        hint = "one object a line is `kind: jsonl`"
        _, found = parse_records(self._place, text, config, self._keys, hint)
        picker = FieldPicker(self._place, config.fields if config.orient == "records" else {})
        good = good_records(self._bad, picker.pick(found[:limit]), may_hold_unkept(text))
        records = (record for _, record in good)
        table = records_table(
            self._place, records, columns, self._limits, spool, self._keys, config.null_values
        )
        picker.check()
        return table
