"""Workers of this machine, each with a task runner of its own."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from prefect.client.schemas.objects import State
from prefect.task_runners import TaskRunner
from prefect.tasks import Task

from tasks.workers.base import Future, Workers


class Worker(ABC):
    """Runs one task at a time.

    Attributes:
        runner: the task runner that does it; started.
    """

    runner: TaskRunner[Any]

    @abstractmethod
    def end(self, *, busy: bool) -> None:
        """End it without waiting for the task it is busy with."""


class Pool(Workers):
    """Starts a worker when none is free; one that dies or hangs is left out from then on.

    Args:
        start: starts a worker.
    """

    deaths = (BrokenProcessPool,)

    def __init__(self, start: Callable[[], Worker]) -> None:
        self._start = start
        self._free: list[Worker] = []
        self._busy: dict[Future, Worker] = {}

    def __exit__(self, *error: object) -> None:
        """End all workers, the busy ones at once."""
        for worker in self._busy.values():
            worker.end(busy=True)
        for worker in self._free:
            worker.end(busy=False)

    def submit(self, task: Task[..., Any], parameters: dict[str, Any]) -> Future:
        """Run a task on a worker that is free, or on a new one."""
        worker = self._free.pop() if self._free else self._start()
        future: Future = worker.runner.submit(task, parameters)
        self._busy[future] = worker
        return future

    def discard(self, future: Future) -> None:
        """Give up a task that does not end, and its worker."""
        self._busy.pop(future).end(busy=True)

    def outcome(self, future: Future) -> State[Any]:
        """Return the last state of a task that is over, as ``Workers.outcome``."""
        worker = self._busy.pop(future)
        state = super().outcome(future)
        if state.is_crashed():
            worker.end(busy=False)
        else:
            self._free.append(worker)
        return state
