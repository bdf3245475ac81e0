"""The workers that the settings ask for."""

from settings import get_settings
from tasks.workers.base import Workers
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
    try:
        from tasks.workers.dask import DaskWorkers
    except ModuleNotFoundError:
        raise TaskRunnerError(
            "VIGIL_TASK_RUNNER=dask needs prefect-dask: pip install 'vigil[dask]'"
        ) from None
    return DaskWorkers(settings.dask_address, max_workers)
