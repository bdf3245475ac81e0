"""One type for each column, from the first page of a stream to the last."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa

from sources.columns import check_names, key_name
from sources.cursors import ColumnKind
from sources.errors import SourceError
from sources.frames import to_frame, unknown_type
from sources.polling import PollOptions
from sources.validation import closest
from sources.values import (
    UnreadableValue,
    as_text,
    parse_times,
    to_array,
    to_text,
    without_extension,
)

_MOMENT = pa.timestamp("us", "UTC")
_HELD: dict[ColumnKind, str] = {"number": "numbers", "boolean": "booleans", "time": "times"}

Locate = Callable[[int], str]


class SteadyColumns:
    """Turns the values of a page into the types that ``Page.rows`` promises.

    What a column holds is decided by its first values. Text takes in anything that comes later;
    text where there were numbers or times so far is an error that says where it stands.

    Args:
        place: of the source, for errors.
        options: which columns are wanted, which are keys, and which is the cursor.
        kinds: what the columns have held so far.

    Attributes:
        kinds: the same, with what was added.
        notices: columns wanted that no row has had so far.
    """

    def __init__(self, place: str, options: PollOptions, kinds: Mapping[str, ColumnKind]) -> None:
        self._place = place
        self._options = options
        self.kinds = dict(kinds)
        self.notices: list[str] = []

    def records(
        self, records: Sequence[Mapping[str, Any]], max_columns: int, locate: Locate
    ) -> pd.DataFrame:
        """Return records, which need not have all columns, as a frame of steady types.

        Args:
            records: one for each row; a key that one lacks is a missing value there.
            max_columns: the widest table.
            locate: names the place of a record, counted from 0.

        Raises:
            SourceError: as ``frame``, or there are too many columns.
        """
        present = dict.fromkeys(key for record in records for key in record)
        names = self.names(present, max_columns) if records else self._all_names({})
        return self.frame(
            self.values({name: [record.get(name) for record in records] for name in names}), locate
        )

    def values(self, columns: Mapping[str, Sequence[Any]]) -> dict[str, pa.ChunkedArray]:
        """Return Python values as ``frame`` takes them: keys as text, before any is a number."""
        options = self._options
        for name, values in columns.items():
            unread = [value for value in values if isinstance(value, UnreadableValue)]
            if unread and name not in options.text_keys:
                self.notices.append(
                    f"column `{name}` holds {unread[0]!r}, which lies beyond the times that can be "
                    f"kept: it is missing in {len(unread)} of these rows"
                )
        arrays = {
            name: to_text(values) if name in options.text_keys else to_array(values)
            for name, values in columns.items()
        }
        arrays |= {key_name(name): to_text(columns[name]) for name in options.value_keys}
        return {name: pa.chunked_array([array]) for name, array in arrays.items()}

    def names(self, present: Iterable[str], max_columns: int) -> list[str]:
        """Return the columns of rows that need not have all of them.

        Args:
            present: those they have.
            max_columns: the widest table.

        Raises:
            SourceError: there are too many.
        """
        names = self._all_names(dict.fromkeys(present))
        check_names(self._place, names, max_columns)
        present = set(present)
        self.notices += [
            f"has no column `{name}` so far{closest(name, sorted(present))}"
            for name in names
            if name not in present and name not in self.kinds
        ]
        return names

    def learn(self, columns: Mapping[str, pa.ChunkedArray]) -> None:
        """Decide the kinds of columns that were unknown so far."""
        for name, column in columns.items():
            is_text = name in map(key_name, self._options.value_keys)
            if not is_text and len(column) and self.kinds.get(name, "unknown") == "unknown":
                self.kinds[name] = self._kind(name, column)

    def frame(self, columns: Mapping[str, pa.ChunkedArray], locate: Locate) -> pd.DataFrame:
        """Return the columns as a frame of steady types.

        Args:
            columns: the values of a page.
            locate: names the place of a row, counted from 0.

        Raises:
            SourceError: a value does not fit what its column has held so far.
        """
        columns = {name: without_extension(column) for name, column in columns.items()}
        self.learn(columns)
        arrays = [self._convert(name, column, locate) for name, column in columns.items()]
        return to_frame(pa.table(arrays, names=list(columns)))

    def misfit(self, name: str, value: object, where: str) -> SourceError:
        """Return the error for a value that does not fit its column."""
        return SourceError(
            f"{self._place}: {where}: column `{name}` has held {_HELD[self.kinds[name]]} so far, "
            f"and holds {str(value)[:80]!r} here: correct it where it is written, or leave the "
            "column out of the stream"
        )

    def _all_names(self, present: dict[str, None]) -> list[str]:
        wanted = self._options.wanted
        if wanted is not None:
            return wanted
        return list({**self.kinds, **present, **dict.fromkeys(self._options.roles)})

    def _kind(self, name: str, column: pa.ChunkedArray) -> ColumnKind:
        kind = column.type
        if name in self._options.text_keys:
            return "text"
        if pa.types.is_null(kind) or column.null_count == len(column):
            return "unknown"
        if pa.types.is_boolean(kind):
            return "boolean"
        if _is_number(kind):
            return "number"
        if name == self._options.cursor_column and _is_moment(parse_times(column).type):
            return "time"
        return "text"

    def _convert(self, name: str, column: pa.ChunkedArray, locate: Locate) -> pa.ChunkedArray:
        if name in map(key_name, self._options.value_keys):
            return column
        match self.kinds.get(name, "unknown"):
            case "text":
                try:
                    return as_text(column)
                except (pa.ArrowException, ValueError, OverflowError) as error:
                    raise unknown_type(name, column.type, error) from None
            case "time":
                return self._time(name, column, locate)
            case _:
                return self._number(name, column, locate)

    def _number(self, name: str, column: pa.ChunkedArray, locate: Locate) -> pa.ChunkedArray:
        if pa.types.is_boolean(column.type):
            column = column.cast(pa.uint8())
        if column.null_count == len(column) or _is_number(column.type):
            # Past 2**53 a float64 rounds an integer.
            return column.cast(pa.float64(), safe=False)
        raise self._first_misfit(name, column, locate, _reads_as_number)

    def _time(self, name: str, column: pa.ChunkedArray, locate: Locate) -> pa.ChunkedArray:
        if column.null_count == len(column):
            return pa.chunked_array([pa.nulls(len(column), _MOMENT)])
        column = parse_times(column)
        if _is_moment(column.type):
            # Nanoseconds are cut; a time without a zone is taken as UTC.
            return column.cast(_MOMENT, safe=False)
        raise self._first_misfit(name, column, locate, _reads_as_time)

    def _first_misfit(
        self, name: str, column: pa.ChunkedArray, locate: Locate, fits: Callable[[Any], bool]
    ) -> SourceError:
        values = [(row, value) for row, value in enumerate(column.to_pylist()) if value is not None]
        row, value = next(((row, value) for row, value in values if not fits(value)), values[0])
        return self.misfit(name, value, locate(row))


def _is_number(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    )


def _is_moment(kind: pa.DataType) -> bool:
    return bool(pa.types.is_timestamp(kind) or pa.types.is_date(kind))


def _reads_as_number(value: object) -> bool:
    try:
        float(str(value))
    except ValueError:
        return False
    return True


def _reads_as_time(value: object) -> bool:
    return _is_moment(parse_times(pa.chunked_array([to_text([value])])).type)
