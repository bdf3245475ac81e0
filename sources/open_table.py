"""A table that is open for reading, whatever its size."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import pandas as pd
import pyarrow as pa

from sources.frames import slices, to_frame


class OpenTable(Protocol):
    """The rows of one source, as often as needed, of the same types each time."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns read."""
        ...

    @property
    def starts(self) -> Sequence[int]:
        """The rows at which reading can begin, ascending."""
        ...

    @property
    def is_shared(self) -> bool:
        """Whether other processes that open the source find these rows; else only this one has."""
        ...

    def __len__(self) -> int:
        """Return the number of rows."""
        ...

    def whole(self) -> pd.DataFrame:
        """Return all rows as one frame, as ``Reader.read``."""
        ...

    def chunks(self, size: int, first: int = 0, last: int | None = None) -> Iterator[pd.DataFrame]:
        """Yield rows in frames of at most ``size``, the index counting them from 0.

        A column that has a gap, or none, in only some of the frames may have two types of numbers
        or of times, of which one holds all of its values.

        Args:
            size: most rows of a frame.
            first: the first row wanted, one of ``starts``.
            last: the row before which to end, another of ``starts``; the end when omitted.

        Raises:
            SourceError: the source can no longer be read as it was.
        """
        ...


class FrameTable:
    """A table that is in memory anyway; see ``OpenTable``."""

    is_shared = False

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(self._frame.columns)

    @property
    def starts(self) -> Sequence[int]:
        """The first row."""
        return [0]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._frame)

    def whole(self) -> pd.DataFrame:
        """Return the frame."""
        return self._frame

    def chunks(self, size: int, first: int = 0, last: int | None = None) -> Iterator[pd.DataFrame]:
        """Yield the frame in slices."""
        return slices(self._frame, size)


def frames_of(tables: Iterable[pa.Table], size: int, first: int) -> Iterator[pd.DataFrame]:
    """Yield the rows of ``tables`` in frames of ``size``, the last one shorter.

    Args:
        tables: rows one after the other, of the same schema.
        size: rows of a frame.
        first: number of the first row, from which the index counts on.
    """
    for rows in _regroup(tables, size):
        frame = to_frame(rows)
        frame.index = pd.RangeIndex(first, first + len(frame))
        first += len(frame)
        yield frame


def _regroup(tables: Iterable[pa.Table], size: int) -> Iterator[pa.Table]:
    held: list[pa.Table] = []
    n_held = 0
    for table in tables:
        held.append(table)
        n_held += len(table)
        if n_held >= size:
            rows = pa.concat_tables(held)
            end = n_held - n_held % size
            yield from (rows.slice(start, size) for start in range(0, end, size))
            held, n_held = [rows.slice(end)], n_held - end
    if n_held:
        yield pa.concat_tables(held)
