"""Tasks on threads of this process."""

from concurrent import futures
from contextvars import copy_context
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

from prefect.futures import PrefectConcurrentFuture
from prefect.task_engine import run_task_sync
from prefect.tasks import Task

from tasks.workers.base import Future, Workers


class ThreadWorkers(Workers):
    """Runs each task on a thread of its own; these pay where kernels release the GIL.

    Nothing ends a thread from outside: one that is given up is left to itself. They are daemons,
    which those of Prefect's runner are not, so that the process can end without them.
    """

    def __exit__(self, *error: object) -> None:
        """Leave what still runs to itself."""

    def submit(self, task: Task[..., Any], parameters: dict[str, Any]) -> Future:
        """Run a task on a new thread, within the flow run of the caller."""
        task_run_id = uuid4()
        outcome: futures.Future[Any] = futures.Future()
        arguments = (_run, task, parameters, task_run_id, outcome)
        Thread(target=copy_context().run, args=arguments, name=task.name, daemon=True).start()
        return PrefectConcurrentFuture(task_run_id, outcome)

    def abandon(self, future: Future) -> None:
        """Leave a task to itself."""


def _run(
    task: Task[..., Any],
    parameters: dict[str, Any],
    task_run_id: UUID,
    outcome: futures.Future[Any],
) -> None:
    try:
        state = run_task_sync(task, task_run_id, parameters=parameters, return_type="state")
    except BaseException as error:  # noqa: BLE001 - raised where the outcome is asked for
        outcome.set_exception(error)
    else:
        outcome.set_result(state)
