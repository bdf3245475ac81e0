"""What mapped tasks run on: threads, processes, or a Dask cluster."""

from typing import Any

from prefect.task_runners import ProcessPoolTaskRunner, TaskRunner, ThreadPoolTaskRunner

from settings import get_settings


class TaskRunnerError(Exception):
    """The chosen task runner cannot be started; the message says what to install or set."""


def make_task_runner(max_workers: int) -> TaskRunner[Any]:
    """Return a new task runner of the kind in the settings, not yet started.

    Threads start at once and pay where kernels release the GIL; processes take seconds to start,
    and one can die without the others; Dask spreads over machines.

    Args:
        max_workers: tasks that run at the same time.

    Raises:
        TaskRunnerError: prefect-dask is not installed.
    """
    settings = get_settings()
    if settings.task_runner == "threads":
        return ThreadPoolTaskRunner(max_workers=max_workers)
    if settings.task_runner == "processes":
        return ProcessPoolTaskRunner(max_workers=max_workers)
    return _dask_runner(settings.dask_address, max_workers)


def _dask_runner(address: str | None, max_workers: int) -> TaskRunner[Any]:
    try:
        from prefect_dask.task_runners import DaskTaskRunner
    except ModuleNotFoundError:
        raise TaskRunnerError(
            "VIGIL_TASK_RUNNER=dask needs prefect-dask: pip install 'vigil[dask]'"
        ) from None
    if address is not None:
        return DaskTaskRunner(address=address)
    return DaskTaskRunner(cluster_kwargs={"n_workers": max_workers, "threads_per_worker": 1})
