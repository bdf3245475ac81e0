"""The contract of a reader."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import pandas as pd


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
    """

    timeout_seconds: float = 30.0
    max_bytes: int = 4 * 2**30
    max_columns: int = 2000
    retries: int = 3
    deadline_seconds: float = 600.0
    backoff_seconds: float = 1.0
    file_roots: tuple[str, ...] | None = None
    allow_private: bool = True


class Reader(Protocol):
    """Reads the rows of one source, in their order there."""

    def read(self, columns: Sequence[str] | None = None, limit: int | None = None) -> pd.DataFrame:
        """Return rows as a frame with a RangeIndex.

        Args:
            columns: the columns wanted; all when omitted.
            limit: at most this many rows, from the first; all when omitted.

        Raises:
            SourceError: the source cannot be read; the message says why and what to do.
            TransientSourceError: it could not be reached this time.
        """
        ...

    def read_chunks(
        self, size: int, columns: Sequence[str] | None = None
    ) -> Iterator[pd.DataFrame]:
        """Yield the same rows in frames of at most ``size``, index running on.

        Raises:
            SourceError: as ``read``, possibly after some chunks.
        """
        ...
