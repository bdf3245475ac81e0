"""A reader whose texts become numbers and times, as the settings of its source say."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute

from sources.base import Reader
from sources.columns import key_name
from sources.errors import SourceError
from sources.frames import to_frame
from sources.notation import Notation
from sources.open_table import OpenTable

_CHUNK = 50_000
_LOOKED_AT = 100

ColumnUse = Literal["text", "missing", "number", "time", "days"]


class NotationReader:
    """Reads as another reader, and its columns of text as their source's notation says.

    A column becomes one of numbers or times where every value is one; where nearly every is one,
    and the column was asked for, the first that is not is an error. Texts that mean no value are
    none where all others are numbers or times, and stay what they are among words.

    Args:
        reader: of the source.
        place: of the source, for errors.
        notation: of the source.
    """

    def __init__(self, reader: Reader, place: str, notation: Notation) -> None:
        self._reader = reader
        self._place = place
        self._notation = notation

    def read(self, columns: Sequence[str] | None = None, limit: int | None = None) -> pd.DataFrame:
        """Return rows, as ``Reader.read``."""
        frame = self._reader.read(columns, limit)
        return apply_uses(frame, self._uses([frame], columns), self._notation)

    @contextmanager
    def open_table(self, columns: Sequence[str] | None = None) -> Iterator[OpenTable]:
        """Open the rows, as ``Reader.open_table``; columns of text are gone through first."""
        with self._reader.open_table(columns) as table:
            uses = self._uses(table.chunks(_CHUNK), columns)
            yield NotationTable(table, uses, self._notation) if uses else table

    def _uses(
        self, frames: Iterator[pd.DataFrame] | list[pd.DataFrame], wanted: Sequence[str] | None
    ) -> dict[str, ColumnUse]:
        """How each column that changes is read, by all of its rows."""
        keys = self._notation.keys
        texts = (keys - set(wanted or ())) | set(map(key_name, keys))
        tallies: dict[str, TextTally] | None = None
        for frame in frames:
            if tallies is None:
                tallies = {
                    str(name): TextTally(self._notation)
                    for name in frame.columns
                    if name not in texts and _may_change(frame[name], self._notation)
                }
            if not tallies:
                return {}
            for name, tally in tallies.items():
                tally.add(frame[name])
        uses = {name: tally.use() for name, tally in (tallies or {}).items()}
        for name in uses:
            if tallies is not None and uses[name] == "text" and name in (wanted or ()):
                self._refuse(name, tallies[name])
        return {name: use for name, use in uses.items() if use != "text"}

    def _refuse(self, name: str, tally: "TextTally") -> None:
        odd = tally.odd
        if self._notation.is_set and tally.is_mostly_read and odd is not None:
            raise SourceError(
                f"{self._place}: column `{name}`: row {odd[0]} holds {odd[1][:40]!r}, which does "
                f"not fit {self._notation}, as the others do: correct it, name it in "
                "`null_values`, or change the setting"
            )


class TextTally:
    """What the texts of a column are, chunk after chunk."""

    def __init__(self, notation: Notation) -> None:
        self._notation = notation
        self._read = {"number": 0, "time": 0, "plain": 0, "iso": 0, "days": 0}
        self._missing = 0
        self._values = 0
        self.odd: tuple[int, str] | None = None

    def add(self, series: pd.Series) -> None:
        """Count the values of some rows, which the index numbers."""
        notation = self._notation
        values = pa.Array.from_pandas(series)
        present = values.filter(compute.is_valid(values))
        self._values += len(present)
        if not pa.types.is_string(values.type) and not pa.types.is_large_string(values.type):
            self._read["days"] += len(present) * (notation.whole_number_days(values) is not None)
            return
        values = values.cast(pa.string())
        nulls = notation.missing(values)
        if not notation.is_set and self._are_words(values, nulls):
            return
        self._missing += compute.sum(nulls).as_py() - values.null_count
        numbers, times = notation.numbers(values), notation.times(values)
        reads = {
            "number": compute.and_(compute.is_valid(numbers), compute.invert(nulls)),
            "time": compute.and_(compute.is_valid(times), compute.invert(nulls)),
            "plain": notation.is_plain(values),
        }
        for kind, mask in reads.items():
            self._read[kind] += compute.sum(mask).as_py() or 0
        if notation.are_times(values):
            self._read["iso"] += len(values) - compute.sum(nulls).as_py()
        unread = compute.invert(compute.or_(compute.or_(reads["number"], reads["time"]), nulls))
        if self.odd is None and compute.any(unread).as_py():
            place = int(_as_mask(unread).argmax())
            self.odd = int(series.index[place]), values[place].as_py()

    def _are_words(self, values: pa.Array, nulls: pa.Array) -> bool:
        """Whether the first values are neither numbers nor times, so that no setting is needed."""
        first = values.filter(compute.invert(nulls)).slice(0, _LOOKED_AT)
        plain = compute.all(self._notation.is_plain(first)).as_py()
        return bool(len(first)) and not plain and not self._notation.are_times(first)

    @property
    def is_mostly_read(self) -> bool:
        """Whether most of the values are numbers or times, as the settings say or plainly."""
        present = self._values - self._missing
        numbers = max(self._read["number"], self._read["plain"])
        return present > 0 and 2 * max(numbers, self._read["time"]) >= present

    def use(self) -> ColumnUse:
        """Return how the column is read."""
        present = self._values - self._missing
        if not present:
            return "text"
        if self._notation.is_set:
            for kind in ("time", "days", "number"):
                if self._read[kind] == present:
                    return kind
        if self._missing and present in (self._read["plain"], self._read["iso"]):
            return "missing"
        return "text"


class NotationTable:
    """An open table of which some columns are read by their notation; see ``OpenTable``."""

    def __init__(self, table: OpenTable, uses: Mapping[str, ColumnUse], notation: Notation) -> None:
        self._table = table
        self._uses = uses
        self._notation = notation

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns read."""
        return self._table.columns

    @property
    def starts(self) -> Sequence[int]:
        """The rows at which reading can begin."""
        return self._table.starts

    @property
    def is_shared(self) -> bool:
        """Whether other processes find these rows."""
        return self._table.is_shared

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._table)

    def whole(self) -> pd.DataFrame:
        """Return all rows as one frame."""
        return apply_uses(self._table.whole(), self._uses, self._notation)

    def chunks(self, size: int, first: int = 0, last: int | None = None) -> Iterator[pd.DataFrame]:
        """Yield rows as ``OpenTable.chunks``."""
        for frame in self._table.chunks(size, first, last):
            yield apply_uses(frame, self._uses, self._notation)


def apply_uses(
    frame: pd.DataFrame, uses: Mapping[str, ColumnUse], notation: Notation
) -> pd.DataFrame:
    """Return ``frame`` with columns read as ``uses`` says."""
    if not uses:
        return frame
    read = {}
    for name, use in uses.items():
        values = pa.Array.from_pandas(frame[name])
        if use == "days":
            days = notation.whole_number_days(values)
            read[name] = days if days is not None else pa.nulls(len(values), pa.timestamp("us"))
            continue
        values = values.cast(pa.string())
        values = compute.if_else(notation.missing(values), None, values)
        if use != "missing":
            values = notation.numbers(values) if use == "number" else notation.times(values)
        read[name] = values
    columns = to_frame(pa.table(read))
    columns.index = frame.index
    return frame.assign(**columns)


def _may_change(series: pd.Series, notation: Notation) -> bool:
    if pd.api.types.is_integer_dtype(series.dtype) or pd.api.types.is_float_dtype(series.dtype):
        return notation.reads_days
    return pd.api.types.is_string_dtype(series.dtype)


def _as_mask(values: pa.Array) -> NDArray[np.bool_]:
    mask: NDArray[np.bool_] = np.asarray(values.to_numpy(zero_copy_only=False), dtype=bool)
    return mask
