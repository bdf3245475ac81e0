"""One type for each column, from the first page of a stream to the last."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
from pyarrow import compute

from sources.columns import check_names, key_name
from sources.config import SourceConfig
from sources.cursors import ColumnKind
from sources.frames import to_frame, unknown_type
from sources.notation import Notation
from sources.polling import PollOptions
from sources.validation import closest
from sources.values import (
    as_text,
    parse_times,
    to_array,
    to_text,
    without_extension,
)

_NUMBER = pa.float64()
_MOMENT = pa.timestamp("us", "UTC")
_HELD: dict[ColumnKind, str] = {
    **{"number": "numbers", "boolean": "booleans", "time": "times"},
    "unknown": "no values",
}

Locate = Callable[[int], str]


class SteadyColumns:
    """Turns the values of a page into the types that ``Page.rows`` promises.

    What a column holds is decided by its first values. Text takes in anything that comes later; a
    value that does not fit where there were numbers or times so far is missing, and that is said.

    Args:
        config: of the source.
        options: which columns are wanted, which are keys, and which is the cursor.
        kinds: what the columns have held so far.

    Attributes:
        kinds: the same, with what was added.
        notices: columns wanted that no row has had so far, and values that do not fit.
    """

    def __init__(
        self, config: SourceConfig, options: PollOptions, kinds: Mapping[str, ColumnKind]
    ) -> None:
        self._place = config.place
        self._options = options
        self._notation = Notation(config)
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
        values = {name: [record.get(name) for record in records] for name in names}
        return self.frame(self.values(values), locate)

    def values(self, columns: Mapping[str, Sequence[Any]]) -> dict[str, pa.ChunkedArray]:
        """Return Python values as ``frame`` takes them: keys as text, before any is a number.

        A column that begins with numbers, and few other values, is one of numbers.
        """
        options = self._options
        for name, values in columns.items():
            numbers = sum(type(value) in (int, float, Decimal) for value in values)
            others = sum(isinstance(value, str) for value in values)
            # In the order of the columns.
            is_open = bool(values) and self.kinds.setdefault(name, "unknown") == "unknown"
            if is_open and numbers > others and name not in options.text_keys:
                self.kinds[name] = "number"
        nulls = self._notation.null_values
        arrays = {
            name: to_text(values) if name in options.text_keys else to_array(values, nulls)
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
        """Return the columns as a frame of steady types; a value that does not fit is missing.

        Args:
            columns: the values of a page.
            locate: names the place of a row, counted from 0.
        """
        columns = {name: without_extension(column) for name, column in columns.items()}
        self.learn(columns)
        arrays = [self._convert(name, column, locate) for name, column in columns.items()]
        return to_frame(pa.table(arrays, names=list(columns)))

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
        return self._kind_of_text(name, column)

    def _kind_of_text(self, name: str, column: pa.ChunkedArray) -> ColumnKind:
        """Numbers where all texts are, and the column was asked for or the source has settings.

        In a column that was asked for, fewer words than numbers do not make it text; what has
        digits and is no number may be one in another notation.
        """
        asked = name in (self._options.columns or ())
        if not pa.types.is_string(column.type) or not (asked or self._notation.is_set):
            return "text"
        present = column.filter(compute.invert(self._notation.missing(column)))
        if not len(present):
            return "unknown"
        if not self._notation.times(present).null_count:
            return "time"
        odd = present.filter(compute.is_null(self._notation.numbers(present)))
        few = asked and len(odd) < len(present) - len(odd)
        are_words = few and not compute.any(compute.match_substring_regex(odd, r"\d")).as_py()
        return "number" if not len(odd) or are_words else "text"

    def _convert(self, name: str, column: pa.ChunkedArray, locate: Locate) -> pa.ChunkedArray:
        if name in map(key_name, self._options.value_keys):
            return column
        kind = self.kinds.get(name, "unknown")
        if kind == "text":
            return _text(name, column)
        if column.null_count == len(column):
            return pa.chunked_array([pa.nulls(len(column), _MOMENT if kind == "time" else _NUMBER)])
        if kind == "time":
            return self._times(name, column, locate)
        if pa.types.is_boolean(column.type):
            column = column.cast(pa.uint8())
        if _is_number(column.type):
            # Past 2**53 a float64 rounds an integer.
            return column.cast(_NUMBER, safe=False)
        texts = _text(name, column)
        numbers = self._notation.numbers(texts)
        if kind == "boolean":
            numbers = compute.coalesce(self._notation.booleans(texts), numbers)
        return self._noted(name, texts, numbers, locate)

    def _times(self, name: str, column: pa.ChunkedArray, locate: Locate) -> pa.ChunkedArray:
        moments = parse_times(column)
        if _is_moment(moments.type):
            # Nanoseconds are cut; a time without a zone is taken as UTC.
            return moments.cast(_MOMENT, safe=False)
        texts = _text(name, column)
        moments = pd.to_datetime(texts.to_pandas(), format="ISO8601", utc=True, errors="coerce")
        iso = pa.array(moments.astype("datetime64[us, UTC]"))
        read = compute.coalesce(self._notation.times(texts).cast(_MOMENT), iso)
        return self._noted(name, texts, pa.chunked_array([read]), locate)

    def _noted(
        self, name: str, texts: pa.ChunkedArray, read: pa.ChunkedArray, locate: Locate
    ) -> pa.ChunkedArray:
        """Say which texts of a column were not read."""
        present = compute.invert(self._notation.missing(texts))
        odd = compute.and_(present, compute.is_null(read)).to_pylist()
        if any(odd):
            row = odd.index(True)
            others = f" and {sum(odd) - 1} more in later rows" if sum(odd) > 1 else ""
            self.notices.append(
                f"{locate(row)}: column `{name}` has held {_HELD[self.kinds[name]]} so far, and "
                f"holds {texts[row].as_py()[:80]!r} here{others}, taken as missing: correct "
                "it where it is written, or name it in `null_values`"
            )
        return compute.if_else(present, read, None)


def _text(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    try:
        return as_text(column)
    except (pa.ArrowException, ValueError, OverflowError) as error:
        raise unknown_type(name, column.type, error) from None


def _is_number(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    )


def _is_moment(kind: pa.DataType) -> bool:
    return bool(pa.types.is_timestamp(kind) or pa.types.is_date(kind))
