"""Read files with one JSON object a line."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sources.base import ReadLimits
from sources.config import JsonLinesConfig
from sources.errors import SourceError
from sources.files import open_file
from sources.record_fields import FieldPicker
from sources.records import records_table
from sources.secrets import SecretResolver
from sources.spool import Spool
from sources.spooled_table import SpooledTable
from sources.spooling_reader import SpoolingReader
from sources.text_check import check_text


class JsonLinesReader(SpoolingReader):
    """Reads JSON lines; a column's type is one that fits all of its values."""

    def __init__(
        self, config: JsonLinesConfig, limits: ReadLimits, secrets: SecretResolver
    ) -> None:
        super().__init__(config.place, limits)
        self._config = config
        self._secrets = secrets

    def _fill(
        self, spool: Spool, columns: Sequence[str] | None, limit: int | None = None
    ) -> SpooledTable:
        with open_file(self._config, self._limits, self._secrets) as stream:
            check_text(self._place, stream.peek())
            fields, null_values = self._config.fields, self._config.null_values
            picker = FieldPicker(self._place, fields)
            lines = parsed_lines(self._place, stream, lists=bool(fields))
            records = picker.pick(islice(lines, limit))
            table = records_table(self._place, records, columns, self._limits, spool, null_values)
        picker.check()
        return table


def parsed_lines(
    place: str, lines: Iterable[bytes], first: int = 1, lists: bool = False
) -> Iterator[Any]:
    """Yield the object of each line that is not blank.

    Args:
        place: where the lines come from, for errors.
        lines: of JSON in UTF-8.
        first: number of the first line.
        lists: whether a line may hold a list as well.

    Raises:
        SourceError: a line holds no object; the message names it.
    """
    for number, line in enumerate(lines, first):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            advice = "a whole document is `kind: json`" if number == 1 else "correct the line"
            raise SourceError(
                f"{place}: line {number} is not valid JSON at column {error.colno}: "
                f"{error.msg}: {advice}"
            ) from None
        except UnicodeDecodeError:
            raise SourceError(f"{place}: line {number} is not utf-8 text") from None
        except RecursionError:
            raise SourceError(f"{place}: line {number} is nested too deeply to be read") from None
        except ValueError as error:  # a number with thousands of digits
            raise SourceError(
                f"{place}: line {number} is not JSON that can be read: {error}"
            ) from None
        if not isinstance(record, (dict, list) if lists else dict):
            raise SourceError(
                f"{place}: line {number} holds no object: expected one with a value for each "
                'column, e.g. {"id": 1}; a list of objects is `kind: json`'
            )
        yield record
