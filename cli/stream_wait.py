"""Why streams cannot be run now, and waiting for those that will be free soon."""

from collections.abc import Sequence
from time import monotonic, sleep
from uuid import UUID

from cli.database import database
from cli.home import command_line
from cli.output import moment
from cli.progress import Progress
from cli.stream_shapes import NotRunShape
from models.clock import read_clock
from models.queries.stream_progress import streams_by_id
from models.stream_status import POLLABLE, StreamStatus
from models.tables.stream import Stream
from settings import get_settings

_SECONDS = 0.5
# A lease runs out by the clock of the database, which may be a little behind.
_MARGIN_SECONDS = 2.0


def wait_until_free(progress: Progress, wanted: Sequence[UUID], *, all_of_them: bool) -> None:
    """Wait for streams whose lease nobody renews, as after their holder was killed.

    Returns at once where none is held; else as soon as each was let go, or has a holder that was
    seen to renew its lease; after one lease in any case.

    Args:
        progress: says what is waited for.
        wanted: ids of streams.
        all_of_them: wait for each of these; otherwise only if none of them is free.
    """
    until = monotonic() + get_settings().stale_after_seconds + _MARGIN_SECONDS
    first = {stream.id: stream.lease_expires_at for stream in _held(wanted, all_of_them)}
    said = ""
    while first and monotonic() < until:
        held = [
            stream
            for stream in _held(wanted, all_of_them)
            if stream.lease_expires_at == first.get(stream.id)  # otherwise its holder is alive
        ]
        if not held:
            return
        names = ", ".join(stream.name for stream in held[:3])
        more = f" and {len(held) - 3} more" if len(held) > 3 else ""
        expires_at = max(stream.lease_expires_at for stream in held if stream.lease_expires_at)
        text = f"waiting for {names}{more}: held by another flow run until {moment(expires_at)} UTC"
        if text != said:
            progress.say(text)
        said = text
        sleep(_SECONDS)


def streams_not_run(wanted: Sequence[UUID], ran: Sequence[UUID]) -> list[NotRunShape]:
    """Return those of the streams wanted that did not run, each with the reason.

    Args:
        wanted: ids of streams.
        ran: ids of those that ran.
    """
    with database() as session:
        streams, now = streams_by_id(session, wanted), read_clock(session)
    left = [streams[one] for one in wanted if one in streams and one not in ran]
    return [
        NotRunShape(
            id=stream.id,
            name=stream.name,
            status=stream.status,
            reason=_reason(stream, held=stream.is_held(now)),
        )
        for stream in left
    ]


def any_can_run(wanted: Sequence[UUID]) -> bool:
    """Whether one of the streams has a source and is neither paused, stopped nor given up."""
    with database() as session:
        return any(_is_pollable(stream) for stream in streams_by_id(session, wanted).values())


def _held(wanted: Sequence[UUID], all_of_them: bool) -> list[Stream]:
    with database() as session:
        streams, now = streams_by_id(session, wanted).values(), read_clock(session)
    pollable = [stream for stream in streams if _is_pollable(stream)]
    held = [stream for stream in pollable if stream.is_held(now)]
    return held if all_of_them or len(held) == len(pollable) else []


def _is_pollable(stream: Stream) -> bool:
    return stream.status in POLLABLE and stream.source_id is not None


def _reason(stream: Stream, *, held: bool) -> str:
    if stream.source_id is None:
        push = command_line("push", stream.name)
        return f"it has no source to poll; hand its rows over with {push}"
    if stream.status not in POLLABLE:
        state = "given up" if stream.status is StreamStatus.ERROR else str(stream.status)
        return f"it is {state}; go on with {command_line('streams', 'resume', stream.name)}"
    if held:
        until = moment(stream.lease_expires_at)
        return f"flow run {stream.flow_run_id} holds it, until {until} UTC unless it goes on"
    return "the run took others first, at most --max-streams of them; this one is free"
