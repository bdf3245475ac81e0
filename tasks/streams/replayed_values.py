"""Values of a table that is replayed, read as a stream would that came upon them row by row."""

from collections.abc import Collection

import pandas as pd
import pyarrow as pa
from pyarrow import compute

from detectors.roles import ColumnRoles
from models.tables.source import Source
from sources.columns import key_name
from sources.config import parse_source_config
from sources.notation import Notation
from sources.polling import PollOptions
from sources.steady_columns import SteadyColumns


class ReplayedValues:
    """Reads columns that are text, for some of their values are, by what their first values are.

    A table has one type for all rows of a column, where a stream decides by the first page; a
    later value that does not fit is missing, and that is said.

    Args:
        source: the source of the table.
        roles: which column is what.
        time_column: the column of times that is asked for.
        page_limit: rows of the first page.

    Attributes:
        notices: values that do not fit.
    """

    def __init__(
        self, source: Source, roles: ColumnRoles, time_column: str | None, page_limit: int
    ) -> None:
        self._config = parse_source_config(source.kind, source.config)
        self._roles = roles
        self._reserved = {time_column, *roles.keys, roles.cursor, roles.label}
        self._page_limit = page_limit
        self._columns: SteadyColumns | None = None
        self._names: list[str] = []
        self.notices: list[str] = []

    def read(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the next rows, whose index counts them, with numbers where there were texts."""
        if self._columns is None:
            self._names = self._texts(frame)
            options = PollOptions(columns=tuple(self._names))
            self._columns = SteadyColumns(self._config, options, {})
            self._columns.learn(_arrow(frame[: self._page_limit], self._names))
        columns, first = self._columns, int(frame.index[0]) if len(frame) else 0
        read = [name for name in self._names if columns.kinds.get(name) != "text"]
        if not read:
            return frame
        numbers = columns.frame(
            _arrow(frame, read), lambda row: f"row {first + row} (the first is row 0)"
        )
        self.notices += [f"{self._config.place}: {said}" for said in columns.notices]
        columns.notices = []
        return frame.assign(**{name: numbers[name].to_numpy() for name in read})

    def _texts(self, frame: pd.DataFrame) -> list[str]:
        """The columns of text that a stream would take for numbers."""
        texts = [
            str(name)
            for name in self._roles.candidates(frame)
            if name in frame
            and (name not in self._reserved or key_name(name) in frame)
            and pd.api.types.infer_dtype(frame[name], skipna=True) == "string"
        ]
        if self._roles.features is not None:
            return texts
        # Of columns that nobody named, only CSV leaves open whether its texts are numbers.
        return self._wholly_numbers(frame, texts) if self._config.kind == "csv" else []

    def _wholly_numbers(self, frame: pd.DataFrame, names: Collection[str]) -> list[str]:
        notation, found = Notation(self._config), []
        for name, texts in _arrow(frame[: self._page_limit], names).items():
            present = texts.filter(compute.invert(notation.missing(texts)))
            if len(present) and not notation.numbers(present).null_count:
                found.append(name)
        return found


def _arrow(frame: pd.DataFrame, names: Collection[str]) -> dict[str, pa.ChunkedArray]:
    return {
        name: pa.chunked_array([pa.Array.from_pandas(frame[name], type=pa.string())])
        for name in names
    }
