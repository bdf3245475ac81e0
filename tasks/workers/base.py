"""What the tasks of a fan-out run on, whatever that is."""

from abc import ABC, abstractmethod
from contextlib import suppress
from typing import Any, Self

import httpx
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.exceptions import ObjectNotFound
from prefect.futures import PrefectWrappedFuture
from prefect.states import Crashed, Failed
from prefect.tasks import Task

Future = PrefectWrappedFuture[Any, Any]

KILLED = "WorkerKilled"
KILLED_MESSAGE = (
    "its worker process was killed, perhaps for want of memory: run it again, with a smaller "
    "max_workers or sample_size"
)


class Workers(ABC):
    """Runs tasks side by side, so that one which loses its worker takes no other with it.

    The caller keeps count of what runs at the same time. As a context it waits for no task at its
    end: what still runs there is ended, or left to itself.

    Attributes:
        deaths: what a future raises whose worker died.
    """

    deaths: tuple[type[BaseException], ...] = ()

    def __enter__(self) -> Self:
        """Begin."""
        return self

    @abstractmethod
    def __exit__(self, *error: object) -> None:
        """End all workers."""

    @abstractmethod
    def submit(self, task: Task[..., Any], parameters: dict[str, Any]) -> Future:
        """Run a task on a worker that is free."""

    @abstractmethod
    def abandon(self, future: Future) -> None:
        """End the worker of a task, or leave it to itself."""

    def discard(self, future: Future) -> None:
        """Give up a task that does not end, and its worker."""
        self.abandon(future)
        _record(future, Failed(name="TimedOut", message="no result in time"))

    def outcome(self, future: Future) -> State[Any]:
        """Return the last state of a task that is over, whose worker is then free.

        It has crashed if the task could not say so itself; the state's name is ``KILLED`` if its
        worker died.
        """
        error = future.wrapped_future.exception()
        if error is None:
            future.wait()
            return future.state
        name, message = type(error).__name__, str(error) or "no message"
        if isinstance(error, self.deaths):
            name, message = KILLED, KILLED_MESSAGE
        state: State[Any] = Crashed(name=name, message=message)
        _record(future, state)
        return state


def _record(future: Future, state: State[Any]) -> None:
    """Tell Prefect what became of a task run that would stay as running there for ever."""
    # It may not have come so far that Prefect heard of it; results do not depend on who hears now.
    with get_client(sync_client=True) as client, suppress(ObjectNotFound, httpx.HTTPError):
        client.set_task_run_state(future.task_run_id, state, force=True)
