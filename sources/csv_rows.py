"""Where the rows of CSV text end, and rows that Arrow cannot read, blanked out."""

import re
from collections.abc import Callable, Iterator
from io import BufferedReader, RawIOBase
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sources.bad_rows import BadRows
from sources.config import CsvConfig
from sources.csv_format import BLOCK
from sources.errors import SourceError

_PIECE = 2**20
_LONGEST = 16  # blocks that an overlong row may take


class RowBreaks:
    """Finds where rows end: at line breaks outside quotes.

    Args:
        config: of the source; in its encoding a line break is one byte.
    """

    def __init__(self, config: CsvConfig) -> None:
        self._quote = config.quote.encode(config.encoding)
        self._delimiter = config.delimiter.encode()
        quote, delimiter = re.escape(self._quote), re.escape(self._delimiter)
        # A quote opens a value only where one begins; within it, two stand for one.
        self._breaks = re.compile(
            rb"(?:\A|(?<=[\r\n%b]))%b(?:[^%b]++|%b%b)*+(?P<closed>%b?)|\r\n|\n|\r(?=.)"
            % (delimiter, quote, quote, quote, quote, quote),
            re.DOTALL,
        )

    def split(self, data: bytes) -> NDArray[np.int64]:
        """Return where each whole row ends in ``data``, which begins with one."""
        if self._quote not in data and data.count(b"\r") == data.count(b"\r\n"):
            return np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n")) + 1
        return np.fromiter(self._ends(data), np.int64)

    def stand_in(self, data: bytes) -> tuple[int, bytes] | None:
        """Return how much of a row to leave out before its end is known, and what stands for that.

        Args:
            data: the beginning of a row, which has no end.

        Returns:
            None where a quote is open over a line break: nothing tells whether it is ever closed.
        """
        # A quote at the end may be one of two, and another may open a value after a delimiter.
        data = data.rstrip(self._quote + self._delimiter + b"\r")
        is_open = any(found["closed"] == b"" for found in self._breaks.finditer(data))
        if is_open and b"\n" in data:
            return None
        return len(data), self._quote if is_open else b"-"

    def _ends(self, data: bytes) -> Iterator[int]:
        for found in self._breaks.finditer(data):
            if found["closed"] is None:
                yield found.end()
            elif not found["closed"]:
                return


def fault(row: bytes, encoding: str) -> str | None:
    """Return why the text of a row, or of several, cannot be kept; None where it can."""
    if b"\0" in row:
        return (
            "holds a NUL byte: it is no text, or was cut off while its writer went on where it was"
        )
    try:
        row.decode(encoding)
    except UnicodeError:
        return f"is not {encoding}: set `encoding` if all rows are in another"
    return None


def blank(row: bytes) -> bytes:
    """Return what stands for a row that is left out: nothing, on as many lines."""
    return b"\n" * max(row.count(b"\n"), 1)


class GoodRows(RawIOBase):
    """Reads CSV text in which rows that cannot be kept are blank.

    Args:
        stream: the text.
        config: of the source.
        header: lines at the beginning that are no rows.
        bad: notes the rows that are left out.
    """

    def __init__(
        self, stream: BufferedReader, config: CsvConfig, header: int, bad: BadRows
    ) -> None:
        self._stream = stream
        self._config = config
        self._split: Callable[[bytes], NDArray[np.int64]] = RowBreaks(config).split
        self._bad = bad
        self._header = header
        self._line = 1
        self._waiting = b""  # the beginning of a row
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        """Whether it can be read: always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill ``buffer`` with the next bytes and return their number; 0 at the end."""
        while not self._ready:
            piece = self._stream.read1(_PIECE)
            data = self._waiting + piece
            ends = self._split(data).tolist() if piece else [len(data)]
            if not data:
                return 0
            if not ends and len(data) > _LONGEST * BLOCK:
                raise SourceError(
                    f"{self._config.place}: line {self._line} is longer than {len(data)} bytes: a "
                    "quote may be open; close it, or set `quote`"
                )
            starts = [0, *ends[:-1]]
            rows = [self._good(data[start:end]) for start, end in zip(starts, ends, strict=False)]
            self._ready = memoryview(b"".join(rows))
            self._waiting = data[ends[-1] :] if ends else data
        size = min(len(buffer), len(self._ready))
        buffer[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size

    def _good(self, row: bytes) -> bytes:
        line = self._line
        self._line += row.count(b"\n")
        if line <= self._header:
            return row
        why = fault(row, self._config.encoding)
        if len(row) > BLOCK:
            why = f"is longer than {BLOCK} bytes: is a quote open?"
        if why is None:
            return row
        self._bad.leave_out(f"line {line}", why)
        return blank(row)
