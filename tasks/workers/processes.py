"""Tasks on processes of this machine."""

import multiprocessing
import os
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import Connection
from threading import Thread
from typing import Any

from prefect.client.schemas.objects import State
from prefect.task_runners import ProcessPoolTaskRunner
from prefect.tasks import Task

from tasks.workers.base import Future, Workers

_STARTUP_SECONDS = 60.0


class ProcessWorkers(Workers):
    """Runs tasks on processes, each in a pool of its own: a pool breaks when a process of it dies.

    They take seconds to start, and one that hangs is killed.
    """

    deaths = (BrokenProcessPool,)

    def __init__(self) -> None:
        self._free: list[_Process] = []
        self._busy: dict[Future, _Process] = {}

    def __exit__(self, *error: object) -> None:
        """Kill the processes that are busy, and end the others."""
        for process in self._busy.values():
            process.kill()
        for process in (*self._busy.values(), *self._free):
            process.end()

    def submit(self, task: Task[..., Any], parameters: dict[str, Any]) -> Future:
        """Run a task on a process that is free, or on a new one."""
        process = self._free.pop() if self._free else _Process()
        future: Future = process.runner.submit(task, parameters)
        self._busy[future] = process
        return future

    def abandon(self, future: Future) -> None:
        """Kill the process of a task."""
        process = self._busy.pop(future)
        process.kill()
        process.end()

    def outcome(self, future: Future) -> State[Any]:
        """Return the last state of a task that is over, as ``Workers.outcome``."""
        state = super().outcome(future)
        process = self._busy.pop(future)
        if state.is_crashed():
            process.end()
        else:
            self._free.append(process)
        return state


class _Process:
    """A process that runs one task at a time.

    Attributes:
        runner: submits tasks to it.
    """

    def __init__(self) -> None:
        self._hears, tells = multiprocessing.Pipe(duplex=False)
        self.runner: ProcessPoolTaskRunner = ProcessPoolTaskRunner(
            max_workers=1, initializer=_begin, initargs=(tells,)
        )
        self.runner.__enter__()

    def kill(self) -> None:
        # What is starting up has not said yet who it is.
        if self._hears.poll(_STARTUP_SECONDS):
            process_id = self._hears.recv()
            for child in multiprocessing.active_children():
                if child.pid == process_id:
                    child.kill()

    def end(self) -> None:
        self.runner.__exit__(None, None, None)
        self._hears.close()


def _begin(parent: Connection) -> None:
    """Run first in a new process: say who it is, and let it end with the one that started it."""
    parent.send(os.getpid())
    parent.close()
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
