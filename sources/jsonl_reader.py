"""Read files with one JSON object a line."""

from collections.abc import Sequence
from itertools import islice

from sources.bad_rows import BadRows
from sources.base import ReadLimits
from sources.config import JsonLinesConfig
from sources.files import open_file
from sources.good_records import bounded_lines, parsed_lines
from sources.record_fields import FieldPicker, key_paths
from sources.records import records_table
from sources.secrets import SecretResolver
from sources.spool import Spool
from sources.spooled_table import SpooledTable
from sources.spooling_reader import SpoolingReader
from sources.text_check import check_text


class JsonLinesReader(SpoolingReader):
    """Reads JSON lines; a column's type is one that fits all of its values."""

    def __init__(
        self,
        config: JsonLinesConfig,
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
        with open_file(self._config, self._limits, self._secrets) as stream:
            check_text(self._place, stream.peek())
            fields, null_values = self._config.fields, self._config.null_values
            paths = key_paths(self._keys, fields)
            lines = bounded_lines(self._bad, stream)
            found = parsed_lines(self._bad, lines, keys=paths, lists=bool(fields))
            picker = FieldPicker(self._place, fields)
            records = picker.pick(islice((record for _, record in found), limit))
            table = records_table(
                self._place, records, columns, self._limits, spool, self._keys, null_values
            )
        picker.check()
        return table
