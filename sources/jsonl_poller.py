"""Poll a file of JSON lines that grows."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sources.bad_rows import BadRows
from sources.base import ReadLimits
from sources.config import JsonLinesConfig
from sources.good_records import parsed_lines
from sources.growing_file import Rows
from sources.polling import PollOptions
from sources.record_fields import FieldPicker, key_paths
from sources.secrets import SecretResolver
from sources.steady_columns import SteadyColumns
from sources.text_file_poller import TextFilePoller


def open_jsonl_poller(
    config: JsonLinesConfig, options: PollOptions, limits: ReadLimits, secrets: SecretResolver
) -> TextFilePoller:
    """Return a poller of a file of JSON lines.

    Raises:
        SourceError: it cannot grow.
    """
    return TextFilePoller(config, JsonRows(config, options, limits), options, limits, secrets)


class JsonRows:
    """The rows of a file of JSON lines, as ``TextFormat``."""

    encoding = "utf-8"

    def __init__(self, config: JsonLinesConfig, options: PollOptions, limits: ReadLimits) -> None:
        self._place = config.place
        self._fields = config.fields
        self._keys = key_paths(options.key_columns, config.fields)
        self._limits = limits

    def split(self, data: bytes) -> NDArray[np.int64]:
        """Return where lines end."""
        return np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n")) + 1

    def body(self, head: bytes) -> int:
        """Return 0: the first line is a row."""
        return 0

    def stand_in(self, data: bytes) -> tuple[int, bytes]:
        """Return all of a line, of which nothing decides where it ends."""
        return len(data), b""

    def frame(
        self, header: bytes, rows: Rows, columns: SteadyColumns, bad: BadRows
    ) -> pd.DataFrame:
        """Return rows as a frame; a key that a line lacks is a missing value there."""
        lines = rows.data.split(b"\n")
        parsed = parsed_lines(bad, lines, rows.line + 1, self._keys, lists=bool(self._fields))
        found = list(parsed)
        picker = FieldPicker(self._place, self._fields)
        records = list(picker.pick(record for _, record in found))
        columns.notices += picker.notices(columns.kinds)
        return columns.records(
            records, self._limits.max_columns, lambda row: f"line {found[row][0]}"
        )
