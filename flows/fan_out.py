"""One task a detection, several at once; none stops or loses the others."""

from collections import deque
from collections.abc import Callable, Collection, Mapping
from functools import partial
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any
from uuid import UUID

from prefect.client.schemas.objects import State
from prefect.tasks import Task

from tasks.settle_detection import has_begun
from tasks.workers.base import KILLED, Future
from tasks.workers.choice import TaskRunnerError, make_workers

_TICK_SECONDS = 2.0


def fan_out(
    task: Task[..., Any],
    calls: Mapping[UUID, dict[str, Any]],
    max_workers: int,
    *,
    ended: Callable[[UUID, State[Any]], None],
    tick: Callable[[], Collection[UUID]],
) -> None:
    """Run one task a detection, and tell of each what became of it.

    Args:
        task: records what it finds, or its own error.
        calls: parameters of the task, by detection.
        max_workers: tasks that run at the same time.
        ended: is told the last state of each task that was not given up.
        tick: is called every few seconds and at the end; returns the detections to give up.

    Raises:
        TaskRunnerError: workers cannot be had, or die as they start.
    """
    waiting = deque(calls)
    running: dict[UUID, Future] = {}
    unbegun: set[UUID] = set()
    over: SimpleQueue[UUID] = SimpleQueue()
    next_tick = monotonic() + _TICK_SECONDS
    with make_workers(max_workers) as workers:
        while waiting or running:
            while waiting and len(running) < max_workers:
                key = waiting.popleft()
                running[key] = workers.submit(task, calls[key])
                running[key].add_done_callback(partial(_put, over, key))
            done = _next(over, next_tick - monotonic())
            if done in running:
                state = workers.outcome(running.pop(done))
                if state.name != KILLED or has_begun(done):
                    ended(done, state)
                elif done not in unbegun:
                    unbegun.add(done)
                    waiting.appendleft(done)
                else:
                    raise TaskRunnerError(
                        "worker processes die as they start, twice in a row: is there memory for "
                        f"{max_workers} of them? Lower max_workers, or set "
                        "VIGIL_TASK_RUNNER=threads"
                    )
            if monotonic() >= next_tick:
                for late in running.keys() & tick():
                    workers.discard(running.pop(late))
                next_tick = monotonic() + _TICK_SECONDS
    tick()


def _put(over: SimpleQueue[UUID], key: UUID, future: object) -> None:
    over.put(key)


def _next(over: SimpleQueue[UUID], timeout: float) -> UUID | None:
    """Return the next of those that are over; None if there is none within ``timeout`` seconds."""
    try:
        return over.get(timeout=max(timeout, 0.0))
    except Empty:
        return None
