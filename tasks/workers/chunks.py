"""What the chunks of one large table are worked on by."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol, Self, TypeVar

import pandas as pd

from detectors.chunks.parts import Part
from models.tables.source import Source
from sources.open_table import OpenTable
from tasks.one_thread import use_one_thread

T = TypeVar("T")


class ChunkWorkers(Protocol):
    """Does the same work for every chunk of a table, several at a time."""

    def map(self, work: Callable[[pd.DataFrame], T]) -> Iterator[T]:
        """Yield what ``work`` returns of the chunks, in their order.

        Args:
            work: takes some rows; what it returns of two parts of a table can be added up, and
                may be, before it is yielded.
        """
        ...


@dataclass(frozen=True)
class ChunkReading:
    """How another process reads the same chunks.

    Attributes:
        source: the registry row of the source.
        columns: the columns to read; all when None.
        chunk_rows: most rows of a chunk.
    """

    source: Source
    columns: Sequence[str] | None
    chunk_rows: int


class ChunkThreads:
    """Works on threads of this process, while the next chunk is read.

    No more chunks are in memory than there are threads, and one.

    Args:
        table: where the chunks are from.
        parts: of the table, all of them.
        chunk_rows: most rows of a chunk.
        n_threads: chunks worked on at the same time.
    """

    def __init__(
        self, table: OpenTable, parts: Sequence[Part], chunk_rows: int, n_threads: int
    ) -> None:
        self._table = table
        self._parts = parts
        self._chunk_rows = chunk_rows
        self._n_threads = n_threads

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *error: object) -> None:
        """End; the threads of ``map`` end with it."""

    def map(self, work: Callable[[pd.DataFrame], T]) -> Iterator[T]:
        """Yield one result a chunk."""
        pool = ThreadPoolExecutor(self._n_threads, "chunks", initializer=use_one_thread)
        running: deque[Future[T]] = deque()
        try:
            for chunk in chunks_of(self._table, self._parts, self._chunk_rows):
                running.append(pool.submit(work, chunk))
                if len(running) > self._n_threads:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def chunks_of(table: OpenTable, parts: Iterable[Part], chunk_rows: int) -> Iterator[pd.DataFrame]:
    """Yield the chunks of some parts of a table, which are cut the same whoever asks for them."""
    for part in parts:
        yield from table.chunks(chunk_rows, part.first, part.last)
