"""The contract of a poller: the rows a source got since a cursor, page by page."""

from dataclasses import dataclass
from typing import Literal, Protocol

import pandas as pd

LagUnit = Literal["bytes", "files", "rows", "seconds", "units"]


@dataclass(frozen=True)
class Lag:
    """How far behind the end of its source a cursor is.

    Attributes:
        amount: 0 at the end.
        unit: what the kind of source can tell: bytes of a file, files of a folder, rows of an
            answer, seconds of a SQL cursor column that holds times, or units of one that holds
            numbers.
    """

    amount: float
    unit: LagUnit


@dataclass(frozen=True)
class Page:
    """Rows that follow a cursor, and the cursor that follows them.

    Attributes:
        rows: at most as many as asked for, possibly none, with a RangeIndex from 0. Key columns
            are text, exactly as the source has it, under ``key_name`` where they are wanted as
            values as well; numbers and booleans are float64; the cursor column is float64, text,
            or datetime64[us, UTC] (times without a zone are taken as UTC); all else is text. A
            column keeps its type from page to page. Columns whose values are all missing so far
            are float64.
        next_cursor: from where to read on: JSON text, to be kept as it is, of at most 256 KiB.
        more: whether another page is ready at once.
        lag: how far behind the source's end ``next_cursor`` is, where that can be told.
        wait_seconds: how long the source asks to be left alone; None when it asks for nothing.
        notices: what a person should know, e.g. that a file was truncated.
    """

    rows: pd.DataFrame
    next_cursor: str
    more: bool = False
    lag: Lag | None = None
    wait_seconds: float | None = None
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class PollOptions:
    """What a stream wants of its source.

    Attributes:
        columns: the columns wanted, all when None; key and cursor columns come in any case.
        key_columns: columns that identify a row.
        cursor_column: column that grows with each new row.
    """

    columns: tuple[str, ...] | None = None
    key_columns: tuple[str, ...] = ()
    cursor_column: str | None = None

    @property
    def roles(self) -> tuple[str, ...]:
        """The key columns and the cursor column."""
        cursor = (self.cursor_column,) if self.cursor_column else ()
        return tuple(dict.fromkeys((*self.key_columns, *cursor)))

    @property
    def value_keys(self) -> tuple[str, ...]:
        """The key columns that are wanted as values as well."""
        return tuple(name for name in self.key_columns if name in (self.columns or ()))

    @property
    def text_keys(self) -> tuple[str, ...]:
        """The key columns that are wanted as text alone."""
        return tuple(name for name in self.key_columns if name not in (self.columns or ()))

    @property
    def wanted(self) -> list[str] | None:
        """The columns of a page, in its order; None for all."""
        if self.columns is None:
            return None
        return list(dict.fromkeys((*self.columns, *self.roles)))


class Poller(Protocol):
    """Reads on in one source; kept open over many polls, by one thread at a time.

    Pages are exactly-once where ``next_cursor`` is committed together with what is made of the
    rows: following cursors, every row is given once, whatever is added in between, and the same
    cursor gives the same rows again as long as nothing changed. Nothing that decides which rows
    are given is kept anywhere but in the cursor.
    """

    def poll(self, cursor: str | None, limit: int) -> Page:
        """Return the rows after ``cursor``.

        Args:
            cursor: ``next_cursor`` of the page before; None begins at the source's beginning.
            limit: at most this many rows, at least 1; a page of large rows may hold fewer.

        Raises:
            SourceError: the source cannot be read on as it is, or the cursor is not one of it.
            TransientSourceError: it could not be reached, or is not there yet.
        """
        ...

    def close(self) -> None:
        """Give back what the poller holds open; it is not used afterwards."""
        ...
