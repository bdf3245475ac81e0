"""The contract of a reader."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pandas as pd

from sources.open_table import OpenTable


@dataclass(frozen=True)
class ReadLimits:
    """Bounds within which every reader stays.

    Attributes:
        timeout_seconds: longest wait for a response or a statement.
        max_bytes: largest file or response body.
        max_columns: widest table.
        retries: further tries after a transient error.
        deadline_seconds: longest read of an HTTP source: its pages, retries and waits together.
        backoff_seconds: longest wait before the first further try; it doubles with each.
        file_roots: folders and object stores that may be read; any when None.
        allow_private: whether addresses that are not public may be read.
        memory_cells: most values, rows x columns, of a table that is kept in memory; of a larger
            one that cannot be read again at will, a copy is kept on disk.
        spool_folder: folder of such copies; the system's temporary one when None.
    """

    timeout_seconds: float = 30.0
    max_bytes: int = 4 * 2**30
    max_columns: int = 2000
    retries: int = 3
    deadline_seconds: float = 600.0
    backoff_seconds: float = 1.0
    file_roots: tuple[str, ...] | None = None
    allow_private: bool = True
    memory_cells: int = 20_000_000
    spool_folder: Path | None = None


class Reader(Protocol):
    """Reads the rows of one source, in their order there."""

    def read(self, columns: Sequence[str] | None = None, limit: int | None = None) -> pd.DataFrame:
        """Return rows as a frame with a RangeIndex.

        Args:
            columns: the columns wanted, beside the keys; all when omitted. A key that is named
                here too is given as it is elsewhere, and its text under ``columns.key_name``.
            limit: at most this many rows, from the first; all when omitted.

        Raises:
            SourceError: the source cannot be read; the message says why and what to do.
            TransientSourceError: it could not be reached this time.
        """
        ...

    def open_table(self, columns: Sequence[str] | None = None) -> AbstractContextManager[OpenTable]:
        """Open the same rows for reading in chunks, or as a whole where they are few.

        No more than ``limits.memory_cells`` values are in memory at a time, of documents apart
        (JSON, HTTP), which are read as a whole within the limits.

        Raises:
            SourceError: as ``read``.
        """
        ...
