"""A thread as a worker."""

from typing import Any

from prefect.task_runners import ThreadPoolTaskRunner

from tasks.workers.pool import Worker


class ThreadWorker(Worker):
    """A thread: starts at once, and pays where kernels release the GIL."""

    def __init__(self) -> None:
        self.runner: ThreadPoolTaskRunner[Any] = ThreadPoolTaskRunner(max_workers=1)
        self.runner.__enter__()

    def end(self, *, busy: bool) -> None:
        """End the thread; a busy one, which nothing can end, is left to itself."""
        if not busy:
            self.runner.__exit__(None, None, None)
