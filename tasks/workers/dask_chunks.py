"""The chunks of one large table, over a Dask cluster."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import reduce
from operator import add
from typing import Any, Self, TypeVar, cast

import pandas as pd
from distributed import Client, Future, KilledWorker, LocalCluster, get_worker

from detectors.chunks.parts import Part
from tasks.one_thread import use_one_thread
from tasks.read_source import open_source
from tasks.workers.base import KILLED_MESSAGE
from tasks.workers.chunks import ChunkReading, chunks_of
from tasks.workers.dask import local_cluster

T = TypeVar("T")


class WorkerKilledError(Exception):
    """Workers of the cluster die of the work they are given."""


class DaskChunks:
    """Works on a Dask cluster, whose workers open the source themselves; see ``ChunkWorkers``.

    The work is sent to each worker once. A part that dies with its worker is tried again elsewhere.

    Args:
        address: of the scheduler; a local cluster when None.
        n_workers: processes of the local cluster.
        reading: how they read the chunks.
        parts: of the table, all of them.
    """

    def __init__(
        self,
        address: str | None,
        n_workers: int,
        reading: ChunkReading,
        parts: Sequence[Part],
    ) -> None:
        self._address = address
        self._n_workers = n_workers
        self._reading = reading
        self._parts = parts
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        """Join the cluster, or start one."""
        target: Any = self._address
        if target is None:
            target = self._opened.enter_context(LocalCluster(**local_cluster(self._n_workers)))
        self._client = self._opened.enter_context(Client(target, set_as_default=False))
        return self

    def __exit__(self, *error: object) -> None:
        """Leave the cluster; the local one ends."""
        self._opened.close()

    def map(self, work: Callable[[pd.DataFrame], T]) -> Iterator[T]:
        """Yield one result a part.

        Raises:
            WorkerKilledError: several workers died of one part.
        """
        [sent] = self._client.scatter([work], broadcast=True, hash=False)
        futures: list[Future] = [
            self._client.submit(_work_on, sent, self._reading, part, pure=False)
            for part in self._parts
        ]
        try:
            while futures:
                # Let go of as soon as it is here: the cluster would hold it too.
                yield cast(T, futures.pop(0).result())
        except KilledWorker as error:
            raise WorkerKilledError(KILLED_MESSAGE) from error
        finally:
            self._client.cancel(futures)


def on_a_worker() -> bool:
    """Whether this process is itself a worker of a cluster, and works on one source of many."""
    try:
        get_worker()
    except ValueError:
        return False
    return True


def _work_on(work: Callable[[pd.DataFrame], Any], reading: ChunkReading, part: Part) -> Any:
    use_one_thread()
    with open_source(reading.source, reading.columns) as table:
        return reduce(add, map(work, chunks_of(table, [part], reading.chunk_rows)))
