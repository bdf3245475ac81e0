"""One task a source, several at once; none stops or loses the others."""

from collections.abc import Mapping
from concurrent.futures.process import BrokenProcessPool
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any
from uuid import UUID

from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner

from settings import get_settings
from tasks.create_batch import BatchWork
from tasks.detect_source import detect_source
from tasks.settle_detection import KILLED, end_unfinished, is_running, settle_detection
from tasks.task_runner import make_task_runner
from tasks.watch_batch import BatchWatch

_TICK_SECONDS = 1.0


def detect_all(work: BatchWork, watch: BatchWatch) -> None:
    """Run the detections of a batch, and keep what becomes of each.

    A worker process that dies takes its pool with it. What had not begun goes to a new pool; what
    was being worked on is tried again alone, so that only the source that kills its process is
    lost.

    Raises:
        BatchCancelledError: someone asked to cancel.
    """
    waiting = work.sources
    while waiting:
        interrupted = _detect_together(waiting, work.max_workers, work, watch)
        suspects = {key: interrupted[key] for key in interrupted if is_running(key)}
        for detection_id, source in suspects.items():
            if _detect_together({detection_id: source}, 1, work, watch):
                end_unfinished(detection_id, "WorkerKilled", KILLED)
        unbegun = {key: interrupted[key] for key in interrupted if key not in suspects}
        if len(unbegun) == len(waiting):
            # Not one task began: processes die as they start, whatever the source.
            for detection_id in unbegun:
                end_unfinished(detection_id, "WorkerKilled", KILLED)
            return
        waiting = unbegun


def _detect_together(
    sources: Mapping[UUID, str], max_workers: int, work: BatchWork, watch: BatchWatch
) -> dict[UUID, str]:
    """Run one task a source, and return those that a dying process interrupted."""
    done: SimpleQueue[PrefectFuture[Any]] = SimpleQueue()
    interrupted: dict[UUID, str] = {}
    with make_task_runner(max_workers) as runner:
        running = _submit(runner, sources, work.source_timeout)
        for future in list(running):
            future.add_done_callback(done.put)
        ticked = monotonic()
        while running:
            try:
                future = done.get(timeout=_TICK_SECONDS)
            except Empty:
                pass
            else:
                detection_id = running.pop(future, None)
                if detection_id is not None and not _settle(future, detection_id, work):
                    interrupted[detection_id] = sources[detection_id]
            if monotonic() - ticked >= _TICK_SECONDS or not running:
                given_up = watch.tick()
                running = {f: key for f, key in running.items() if key not in given_up}
                ticked = monotonic()
    return interrupted


def _submit(
    runner: TaskRunner[Any], sources: Mapping[UUID, str], timeout: float | None
) -> dict[PrefectFuture[Any], UUID]:
    retries = get_settings().read_retries
    bounded = detect_source.with_options(timeout_seconds=timeout, retries=retries)
    parameters = {"detection_id": list(sources), "source": list(sources.values())}
    futures: list[PrefectFuture[Any]] = list(runner.map(bounded, parameters))  # type: ignore[arg-type]
    return dict(zip(futures, sources, strict=True))


def _settle(future: PrefectFuture[Any], detection_id: UUID, work: BatchWork) -> bool:
    """Keep what became of a task; return False if its process died under it."""
    try:
        future.wait()
    except BrokenProcessPool:
        return False
    settle_detection(detection_id, future.state, work.source_timeout)
    return True
