"""The workers that the settings ask for."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from detectors.chunks.parts import cut_parts
from models.tables.source import Source
from settings import get_settings
from sources.open_table import OpenTable
from tasks.workers.base import Workers
from tasks.workers.chunks import ChunkReading, ChunkThreads, ChunkWorkers
from tasks.workers.processes import ProcessWorkers
from tasks.workers.threads import ThreadWorkers


class TaskRunnerError(Exception):
    """The chosen workers cannot be had; the message says what to install or set."""


def make_workers(max_workers: int) -> Workers:
    """Return workers of the kind in the settings.

    Threads start at once and pay where kernels release the GIL; processes take seconds to start,
    and one can die without the others; Dask spreads over machines.

    Args:
        max_workers: tasks that will run at the same time.

    Raises:
        TaskRunnerError: prefect-dask is not installed.
    """
    settings = get_settings()
    if settings.task_runner == "threads":
        return ThreadWorkers()
    if settings.task_runner == "processes":
        return ProcessWorkers()
    with _dask_installed():
        from tasks.workers.dask import DaskWorkers
    return DaskWorkers(settings.dask_address, max_workers)


def make_chunk_workers(
    source: Source, columns: Sequence[str] | None, table: OpenTable
) -> AbstractContextManager[ChunkWorkers]:
    """Return workers for the chunks of one large table: threads of this process, or a cluster.

    It is the cluster where the settings say so and its workers find the same rows, and this
    process is not itself a worker of one, with one source of many to work on.

    Args:
        source: the registry row of the source.
        columns: the columns to read; all when None.
        table: the source, open.

    Raises:
        TaskRunnerError: prefect-dask is not installed.
    """
    settings = get_settings()
    parts = cut_parts(table.starts, len(table), settings.chunk_rows)
    if settings.task_runner == "dask" and table.is_shared:
        with _dask_installed():
            from tasks.workers.dask_chunks import DaskChunks, on_a_worker
        if not on_a_worker():
            reading = ChunkReading(source, columns, settings.chunk_rows)
            return DaskChunks(settings.dask_address, settings.max_workers, reading, parts)
    return ChunkThreads(table, parts, settings.chunk_rows, settings.max_workers)


@contextmanager
def _dask_installed() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError:
        raise TaskRunnerError(
            "VIGIL_TASK_RUNNER=dask needs prefect-dask: pip install 'vigil[dask]'"
        ) from None
