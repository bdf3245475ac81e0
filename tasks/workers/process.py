"""A process as a worker."""

import multiprocessing
import os
from multiprocessing.connection import Connection
from threading import Thread

from prefect.task_runners import ProcessPoolTaskRunner

from tasks.workers.pool import Worker

_STARTUP_SECONDS = 60.0


class ProcessWorker(Worker):
    """A process: takes seconds to start, and can be killed, or die, without the others."""

    def __init__(self) -> None:
        self._hears, tells = multiprocessing.Pipe(duplex=False)
        self.runner = ProcessPoolTaskRunner(max_workers=1, initializer=_begin, initargs=(tells,))
        self.runner.__enter__()

    def end(self, *, busy: bool) -> None:
        """End the process; a busy one is killed."""
        if busy and self._hears.poll(_STARTUP_SECONDS):
            process_id = self._hears.recv()
            for child in multiprocessing.active_children():
                if child.pid == process_id:
                    child.kill()
        self.runner.__exit__(None, None, None)
        self._hears.close()


def _begin(parent: Connection) -> None:
    """Run in the new process: introduce it, and let it end with the one that started it."""
    parent.send(os.getpid())
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
