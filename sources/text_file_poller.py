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
    """After which row of which file to read on.

    Attributes:
        within: bytes, as Latin-1, that stand for the beginning of an overlong row, whose rest is
            left out too; None between two rows.
    """

    what = "a file that grows"

    kind: Literal["csv", "jsonl"]
    file: FilePosition | None = None
    within: str | None = None


class TextFormat(Protocol):
    """What a kind of text file knows about its rows."""

    encoding: str

    def body(self, head: bytes) -> int | None:
        """Return how many bytes stand before the first row; None where they are not whole yet."""
        ...

    def split(self, data: bytes) -> NDArray[np.int64]:
        """Return where each whole row ends in ``data``, which begins with one."""
        ...

    def stand_in(self, data: bytes) -> tuple[int, bytes] | None:
        """Return how much of a row to leave out before its end is known, and what stands for that.

        Put before what follows, the second lets ``split`` find the end of the row.

        Args:
            data: the beginning of a row, which has no end.

        Returns:
            None where the row is likely no row at all.
        """
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
    """What was read of a file.

    Attributes:
        header: None where it is not whole yet.
        offset: bytes before the rows.
        rows: whole ones.
        overlong: the beginning of a row that follows, or more of one, which is left out.
        within: as in the cursor, after this part.
        begins: whether ``overlong`` is the beginning.
    """

    header: bytes | None
    offset: int
    rows: Rows
    overlong: bytes = b""
    within: str | None = None
    begins: bool = False


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
            # A file that is read from its start again has no row to go on with.
            goes_on = state.file is not None and found.offset == state.file.offset
            part = self._read(found, limit, state.within if goes_on else None)
            if len(part.rows.ends) or part.overlong or not found.rotated:
                return self._page(found, part, state)
        with self._file.opened(None) as successor:
            said = replace(successor, notices=(_rotation(found, part),))
            return self._page(said, self._read(said, limit, None), state)

    def close(self) -> None:
        """Nothing is open between two polls."""

    def _read(self, found: OpenFile, limit: int, within: str | None) -> _Part:
        header = self._header(found)
        if header is None:
            return _Part(None, 0, replace(_no_rows(0), pending=found.head(_HEAD)))
        offset = max(found.offset, len(header))
        line = max(found.line, header.count(b"\n"))
        if within is not None:
            return self._rest(
                found, _Part(header, offset, _no_rows(line)), within.encode("latin-1")
            )
        rows = found.rows(offset, line, self._form.split, limit)
        return self._without_overlong(_Part(header, offset, rows, begins=True), b"")

    def _rest(self, found: OpenFile, part: _Part, before: bytes) -> _Part:
        """Leave out the rest of a row, or a page of it."""

        def split(data: bytes) -> NDArray[np.int64]:
            ends = self._form.split(before + data) - len(before)
            return ends[ends > 0]

        rest = found.rows(part.offset, part.rows.line, split, 1)
        if rest.data:
            nothing = replace(_no_rows(rest.line), more=rest.more)
            return replace(part, rows=nothing, overlong=rest.data)
        waiting = replace(part, rows=rest, within=before.decode("latin-1"))
        return self._without_overlong(waiting, before)

    def _without_overlong(self, part: _Part, before: bytes) -> _Part:
        """Leave out the beginning of a row, or more of it, that has no end within a page."""
        rows = part.rows
        if rows.data or len(rows.pending) < PAGE_BYTES:
            return part
        found = self._form.stand_in(before + rows.pending)
        size = found[0] - len(before) if found else 0
        if found is None or size <= 0:
            raise SourceError(f"{self._place}: {_too_long(f'line {rows.line + 1}')}")
        left_out = replace(_no_rows(rows.line), more=True)
        overlong, within = rows.pending[:size], found[1].decode("latin-1")
        return replace(part, rows=left_out, overlong=overlong, within=within)

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

    def _page(self, found: OpenFile, part: _Part, state: FileCursor) -> Page:
        columns = SteadyColumns(self._config, self._options, state.columns)
        bad = BadRows(self._place, self._options.key_columns)
        rows, frame = part.rows, pd.DataFrame()
        if part.header is not None:
            frame = self._form.frame(part.header, rows, columns, bad)
            if part.overlong and part.begins:
                bad.leave_out(f"line {rows.line + 1}", f"is longer than {PAGE_BYTES} bytes")
            bad.n_rows = len(frame)
            bad.check_page()
        read = rows.data + part.overlong
        offset = part.offset + len(read)
        position = found.position(offset, rows.line + read.count(b"\n"))
        notices = (*found.notices, *bad.notices, *columns.notices)
        following = FileCursor(
            kind=state.kind, columns=columns.kinds, file=position, within=part.within
        )
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


def _no_rows(line: int) -> Rows:
    return Rows(b"", np.empty(0, np.int64), line, b"", False)


def _too_long(what: str) -> str:
    return (
        f"{what} is longer than {PAGE_BYTES} bytes: is it a file of this kind? A quote may be open"
    )
