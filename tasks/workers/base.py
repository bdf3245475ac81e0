"""What the tasks of a fan-out run on, whatever that is."""

from abc import ABC, abstractmethod
from typing import Any, Self

from prefect.client.schemas.objects import State
from prefect.futures import PrefectWrappedFuture
from prefect.states import Crashed
from prefect.tasks import Task

Future = PrefectWrappedFuture[Any, Any]

KILLED = "WorkerKilled"
_MESSAGE = (
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

    deaths: tuple[type[BaseException], ...]

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
    def discard(self, future: Future) -> None:
        """Give up a task that does not end, and its worker."""

    def outcome(self, future: Future) -> State[Any]:
        """Return the last state of a task that is over, whose worker is then free.

        It has crashed if the task could not say so itself; the state's name is ``KILLED`` if its
        worker died.
        """
        error = future.wrapped_future.exception()
        if error is None:
            future.wait()
            return future.state
        if isinstance(error, self.deaths):
            return Crashed(name=KILLED, message=_MESSAGE)
        return Crashed(name=type(error).__name__, message=str(error) or "no message")
