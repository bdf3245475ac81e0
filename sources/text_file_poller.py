"""Poll a text file that grows: whole rows after a byte, in the format of its kind."""

from dataclasses import dataclass, replace
from typing import Literal, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sources.bad_rows import BadRows
from sources.base import ReadLimits
from sources.config import CsvConfig, JsonLinesConfig
from sources.cursors import Cursor, foreign_cursor
from sources.errors import SourceError
from sources.growing_file import PAGE_BYTES, FilePosition, GrowingFile, OpenFile, Rows
from sources.polling import Lag, Page, PollOptions
from sources.secrets import SecretResolver
from sources.steady_columns import SteadyColumns
from sources.text_check import check_text

_HEAD = 2**16


class FileCursor(Cursor):
    """After which row of which file to read on."""

    what = "a file that grows"

    kind: Literal["csv", "jsonl"]
    file: FilePosition | None = None


class TextFormat(Protocol):
    """What a kind of text file knows about its rows."""

    encoding: str

    def body(self, head: bytes) -> int | None:
        """Return how many bytes stand before the first row; None where they are not whole yet."""
        ...

    def split(self, data: bytes) -> NDArray[np.int64]:
        """Return where each whole row ends in ``data``, which begins with one."""
        ...

    def frame(
        self, header: bytes, rows: Rows, columns: SteadyColumns, bad: BadRows
    ) -> pd.DataFrame:
        """Return rows as a frame, without those that cannot be read.

        Args:
            header: the bytes before the first row of the file.
            rows: whole ones, or none.
            columns: keeps their types.
            bad: notes the rows that are left out.
        """
        ...


@dataclass(frozen=True)
class _Part:
    """What was read of a file: its header, None where that is not whole; rows after an offset."""

    header: bytes | None
    offset: int
    rows: Rows


class TextFilePoller:
    """Polls a local file for whole rows; one without its line break waits for it.

    Args:
        config: of the source.
        form: how its rows are written.
        options: what is wanted of it.
        limits: where it may be.
        secrets: resolves references in its path.
    """

    def __init__(
        self,
        config: CsvConfig | JsonLinesConfig,
        form: TextFormat,
        options: PollOptions,
        limits: ReadLimits,
        secrets: SecretResolver,
    ) -> None:
        self._config = config
        self._place = config.place
        self._form = form
        self._options = options
        self._file = GrowingFile(config, limits, secrets)

    def poll(self, cursor: str | None, limit: int) -> Page:
        """Return the rows after ``cursor``, as ``Poller.poll``; the lag is in bytes."""
        state = FileCursor(kind=self._config.kind)
        if cursor is not None:
            state = FileCursor.parse(self._place, cursor)
        if state.kind != self._config.kind:
            raise foreign_cursor(self._place, f"is one of kind {state.kind}")
        with self._file.opened(state.file) as found:
            part = self._read(found, limit)
            if len(part.rows.ends) or not found.rotated:
                return self._page(found, part, state)
        with self._file.opened(None) as successor:
            said = replace(successor, notices=(_rotation(found, part),))
            return self._page(said, self._read(said, limit), state)

    def close(self) -> None:
        """Nothing is open between two polls."""

    def _read(self, found: OpenFile, limit: int) -> _Part:
        header = self._header(found)
        if header is None:
            return _Part(None, 0, Rows(b"", np.empty(0, np.int64), 0, found.head(_HEAD), False))
        offset = max(found.offset, len(header))
        line = max(found.line, header.count(b"\n"))
        rows = found.rows(offset, line, self._form.split, limit)
        self._refuse(rows)
        return _Part(header, offset, rows)

    def _header(self, found: OpenFile) -> bytes | None:
        """What stands before the first row; None where it is not whole yet."""
        size = _HEAD
        while True:
            head = found.head(size)
            if head:
                check_text(self._place, head, self._form.encoding)
            end = self._form.body(head)
            if end is not None:
                return head[:end]
            if len(head) < size:
                return None
            if size >= PAGE_BYTES:
                raise SourceError(f"{self._place}: {_too_long('the header')}")
            size = PAGE_BYTES

    def _refuse(self, rows: Rows) -> None:
        """Refuse a row that has no end."""
        if not rows.data and len(rows.pending) >= PAGE_BYTES:
            raise SourceError(f"{self._place}: {_too_long(f'line {rows.line + 1}')}")

    def _page(self, found: OpenFile, part: _Part, state: FileCursor) -> Page:
        columns = SteadyColumns(self._config, self._options, state.columns)
        bad = BadRows(self._place, self._options.key_columns)
        rows, frame = part.rows, pd.DataFrame()
        if part.header is not None:
            frame = self._form.frame(part.header, rows, columns, bad)
            bad.n_rows = len(frame)
            bad.check_page()
        offset = part.offset + len(rows.data)
        position = found.position(offset, rows.line + rows.data.count(b"\n"))
        notices = (*found.notices, *bad.notices, *columns.notices)
        following = FileCursor(kind=state.kind, columns=columns.kinds, file=position)
        return Page(
            rows=frame,
            next_cursor=following.text(self._place),
            more=rows.more or found.rotated,
            # What the file that took its name holds comes on top.
            lag=None if found.rotated else Lag(found.size - offset, "bytes"),
            notices=tuple(f"{self._place}: {said}" for said in notices),
        )


def _rotation(found: OpenFile, part: _Part) -> str:
    left = len(part.rows.pending)
    rest = f", but for the last {left} bytes, which have no line break" if left else ""
    return (
        f"was rotated: {found.path.name}, as it is called now, was read to its end{rest}; reading "
        "the new file from its start"
    )


def _too_long(what: str) -> str:
    return (
        f"{what} is longer than {PAGE_BYTES} bytes: is it a file of this kind? A quote may be open"
    )
