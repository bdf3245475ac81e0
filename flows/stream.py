"""Poll streams, for as long as the run lasts: what is odd in what comes in?"""

from concurrent.futures import Future, wait
from contextlib import suppress
from threading import Event
from time import monotonic
from typing import Annotated, Any

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed
from pydantic import Field

from models.errors import DatabaseError
from settings import get_settings
from tasks.signs_of_life import signs_of_life
from tasks.streams.announcer import Announcer
from tasks.streams.poll_stream import poll_stream
from tasks.streams.publish_stream_report import publish_stream_report
from tasks.streams.stream_run import StreamFailedError, StreamRun
from tasks.streams.take_streams import StreamsWork, keep_streams, release_streams, take_streams
from tasks.workers.threads import ThreadWorkers

# What a tick may take to end once the flow run is to end; what takes longer is not stored.
_LAST_TICK_SECONDS = 5.0


@flow
def stream(
    streams: list[str] | None = None,
    tags: list[str] | None = None,
    run_for: Annotated[float, Field(gt=0, le=604_800)] = 3600.0,
    max_streams: Annotated[int, Field(ge=1, le=256)] = 50,
) -> State[None]:
    """Poll streams nobody polls, score their new rows, and raise alerts.

    Triggered by a schedule every few minutes (in ``prefect.yaml``), the form in the Prefect UI, the
    API, or ``vigil stream``. Takes streams that are free, each for itself alone, and polls
    each on a thread of its own; a run that finds none ends at once. Reads the sources; writes
    alerts, points, statistics and a checkpoint of each stream in one transaction a page, the event
    ``vigil.alert.raised`` an alert, notifications where a stream names a block, and the artifact
    ``stream-report``. Requires a migrated database.

    Errors of one stream are noted with it and stop no other; the flow run fails only when every
    stream was given up. A run that is cancelled lets its streams go within seconds, one that is
    killed when their leases have run out: the next run goes on from the checkpoints, as if nothing
    had happened.

    Args:
        streams: Names of streams. All streams when neither names nor tags are given.
        tags: Streams with one of these tags.
        run_for: Seconds after which the run lets its streams go.
        max_streams: The most streams this run takes; other runs may take others.

    Raises:
        UnknownStreamError: there is none of one of these names.
        EmptySelectionError: no stream has one of these tags.
        DatabaseError: the database cannot be used when the run begins.
    """
    with signs_of_life():
        until = monotonic() + run_for
        work = take_streams(streams, tags, max_streams)
        with Announcer() as announcer:
            if not work.streams:
                return Completed(message="no stream is free")
            states = _poll_all(work, until, announcer)
        runs = [run for run in map(_run_of, states) if run is not None]
        headline = publish_stream_report(runs, work.taken_at)
        if any(state.is_completed() for state in states):
            return Completed(message=headline)
        return Failed(message=headline)


def _poll_all(work: StreamsWork, until: float, announcer: Announcer) -> list[State[StreamRun]]:
    """Poll each stream on a thread until all have ended, and let them go whatever happens.

    Returns the states of those that ended; nothing ends a thread that hangs, such as on a file of
    a server that is gone, and its stream is let go too.
    """
    stopping = Event()
    lease_seconds = get_settings().stale_after_seconds
    with ThreadWorkers() as workers:
        futures: list[Future[State[Any]]] = []
        try:
            for lease, name in work.streams.items():
                parameters = {
                    "lease": lease,
                    "name": name,
                    "until": until,
                    "stopping": stopping,
                    "announcer": announcer,
                }
                futures.append(workers.submit(poll_stream, parameters).wrapped_future)
            pending = set(futures)
            while pending and monotonic() < until + lease_seconds:
                pending = wait(pending, timeout=lease_seconds / 3).not_done
                with suppress(DatabaseError):  # which each stream notes by itself
                    keep_streams(work.owner)
        finally:
            stopping.set()
            wait(futures, timeout=_LAST_TICK_SECONDS)
            with suppress(DatabaseError):  # the leases run out by themselves
                release_streams(work.owner)
    for future, name in zip(futures, work.streams.values(), strict=True):
        if not future.done():
            get_run_logger().warning("%s hangs, and is left to the next run", name)
    return [future.result() for future in futures if future.done()]


def _run_of(state: State[StreamRun]) -> StreamRun | None:
    """Return what became of a stream; None if its task could not say so itself."""
    outcome = state.result(raise_on_failure=False)
    if isinstance(outcome, StreamFailedError):
        return outcome.run
    return outcome if isinstance(outcome, StreamRun) else None
