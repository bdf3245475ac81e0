"""A flow run says that it is under way, for as long as it is."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread, Timer
from uuid import UUID

from prefect import get_run_logger
from prefect.runtime import flow_run

from models.clock import read_clock
from models.errors import DatabaseError, DatabaseLostError
from models.queries.heartbeats import give_sign, remove_heartbeat
from models.session import session_scope
from models.tables.heartbeat import Heartbeat
from settings import get_settings
from tasks.database import open_engine, utc_now
from tasks.orphaned_flow_runs import mark_crashed
from tasks.process import identify_process
from tasks.record_cancellation import cancellation_recorded
from tasks.stale_runs import end_stale


@contextmanager
def signs_of_life() -> Iterator[None]:
    """End what died before, then give signs of life while the block runs.

    They come from a thread, since a detector may be fitted for minutes in one call. What the flow
    run leaves unfinished when it is interrupted ends as ``cancelled``; when it is killed, the next
    flow run or ``vigil repair`` ends it.

    Raises:
        DatabaseError: the database cannot be used.
    """
    _end_orphans()
    signs = _Signs(UUID(flow_run.id), str(flow_run.flow_name), str(flow_run.name))
    signs.give()
    thread = Thread(target=signs.repeat, name="signs of life", daemon=True)
    thread.start()
    try:
        with cancellation_recorded():
            yield
    finally:
        signs.ended.set()
        thread.join()
        signs.remove()


def _end_orphans() -> None:
    ended = end_stale()
    for run in ended.flow_runs:
        get_run_logger().warning("ended %s, whose process was killed", run.name)
    left = len(ended.batches), len(ended.comparisons), len(ended.detections)
    if any(left):
        get_run_logger().warning(
            "ended %s batches, %s comparisons and %s detections of killed processes", *left
        )
    mark_crashed([run.flow_run_id for run in ended.flow_runs])


class _Signs:
    def __init__(self, flow_run_id: UUID, flow: str, name: str) -> None:
        self._flow_run_id = flow_run_id
        self._flow, self._name = flow, name
        self._process = identify_process()
        self._started_at = utc_now()
        self._engine = open_engine()
        self._seconds = get_settings().stale_after_seconds / 3
        self.ended = Event()

    def give(self) -> None:
        with session_scope(self._engine) as session:
            give_sign(
                session,
                Heartbeat(
                    flow_run_id=self._flow_run_id,
                    flow=self._flow,
                    name=self._name,
                    process=self._process,
                    started_at=self._started_at,
                    beat_at=read_clock(session),
                ),
            )

    def repeat(self) -> None:
        while not self.ended.wait(self._seconds):
            with suppress(DatabaseError):  # the next sign may get through
                self.give()

    def remove(self) -> None:
        """Say that the flow run has ended; while the database is away, try again later."""
        try:
            with session_scope(self._engine) as session:
                remove_heartbeat(session, self._flow_run_id)
        except DatabaseLostError:
            return
        except DatabaseError:
            later = Timer(self._seconds, self.remove)
            later.daemon = True
            later.start()
