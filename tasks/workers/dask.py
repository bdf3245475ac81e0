"""The workers of a Dask cluster."""

from typing import Any

from distributed import KilledWorker
from prefect.client.schemas.objects import State
from prefect.tasks import Task
from prefect_dask.task_runners import DaskTaskRunner

from tasks.workers.base import Future, Workers


class DaskWorkers(Workers):
    """Runs tasks on a Dask cluster, which tries again elsewhere what dies with a worker.

    Args:
        address: of the scheduler; a local cluster when None.
        n_workers: processes of the local cluster.
    """

    deaths = (KilledWorker,)

    def __init__(self, address: str | None, n_workers: int) -> None:
        if address is None:
            self._runner = DaskTaskRunner(cluster_kwargs=local_cluster(n_workers))
        else:
            self._runner = DaskTaskRunner(address=address)
        self._runner.__enter__()
        self._running: set[Future] = set()

    def __exit__(self, *error: object) -> None:
        """Leave the cluster; the local one ends."""
        for future in self._running:
            future.wrapped_future.cancel()
        self._runner.__exit__(None, None, None)

    def submit(self, task: Task[..., Any], parameters: dict[str, Any]) -> Future:
        """Run a task on the cluster."""
        future: Future = self._runner.submit(task, parameters)
        self._running.add(future)
        return future

    def abandon(self, future: Future) -> None:
        """Start the worker of a task anew."""
        self._running.remove(future)
        client, key = self._runner.client, future.wrapped_future.key
        holders = [worker for worker, keys in client.processing().items() if key in keys]
        future.wrapped_future.cancel()
        client.restart_workers(holders)

    def outcome(self, future: Future) -> State[Any]:
        """Return the last state of a task that is over, as ``Workers.outcome``."""
        self._running.remove(future)
        return super().outcome(future)


def local_cluster(n_workers: int) -> dict[str, Any]:
    """Return how a cluster of processes on this machine is set up."""
    return {
        "n_workers": n_workers,
        "threads_per_worker": 1,
        "dashboard_address": "127.0.0.1:0",
    }
