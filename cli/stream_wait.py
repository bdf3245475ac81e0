"""Streams that cannot be polled at once: which are waited for, and why the others are not run."""

from collections.abc import Sequence
from datetime import datetime
from time import sleep
from uuid import UUID

from sqlmodel import Session, col, select

from cli.database import database
from cli.home import command_line
from cli.output import moment
from cli.progress import Progress
from models.clock import read_clock
from models.queries.streams import select_streams
from models.stream_status import POLLABLE, StreamStatus
from models.tables.stream import Stream

_SECONDS = 1.0


def wait_for_leases(
    progress: Progress, names: Sequence[str] | None, tags: Sequence[str] | None
) -> None:
    """Wait for streams that a killed run holds, until their leases have run out.

    A holder that lives renews its lease, and is not waited for. When no stream is named, one that
    is free is enough to begin with.

    Args:
        progress: says what is waited for.
        names: of the streams wanted; all streams when neither names nor tags are given.
        tags: of the streams wanted.
    """
    leases: dict[UUID, datetime | None] = {}
    renewed: set[UUID] = set()
    while True:
        with database() as session:
            now = read_clock(session)
            streams = _pollable(session, names, tags)
        held = [stream for stream in streams if stream.is_held(now)]
        for stream in held:
            if leases.setdefault(stream.id, stream.lease_expires_at) != stream.lease_expires_at:
                renewed.add(stream.id)
        waiting = [stream for stream in held if stream.id not in renewed]
        if not waiting or (len(held) < len(streams) and not names and not tags):
            return
        last = max(stream.lease_expires_at for stream in waiting if stream.lease_expires_at)
        progress.say(
            f"waiting for {', '.join(stream.name for stream in waiting)}: held by another run, "
            f"until {moment(last)} UTC if that was killed"
        )
        sleep(_SECONDS)


def reasons_not_run(
    session: Session,
    names: Sequence[str] | None,
    tags: Sequence[str] | None,
    ran: Sequence[UUID],
) -> dict[str, str]:
    """Return why streams that were asked for did not run, by their names.

    Args:
        session: where they are kept.
        names: of the streams wanted.
        tags: of the streams wanted.
        ran: those that did run.
    """
    if not names and not tags:
        return {}
    now = read_clock(session)
    wanted = [session.get_one(Stream, one) for one in select_streams(session, names, tags)]
    return {stream.name: _reason(stream, now) for stream in wanted if stream.id not in ran}


def _pollable(
    session: Session, names: Sequence[str] | None, tags: Sequence[str] | None
) -> list[Stream]:
    wanted = select(Stream).where(
        col(Stream.status).in_(POLLABLE), col(Stream.source_id).is_not(None)
    )
    if names or tags:
        wanted = wanted.where(col(Stream.id).in_(select_streams(session, names, tags)))
    return list(session.exec(wanted.order_by(col(Stream.name))).all())


def _reason(stream: Stream, now: datetime) -> str:
    resume = command_line("streams", "resume", stream.name)
    if stream.status is StreamStatus.ERROR:
        return f"was given up ({stream.error_message}): {resume} tries again"
    if stream.status not in POLLABLE:
        return f"is {stream.status}: {resume} lets it go on"
    if stream.source_id is None:
        return f"has no source to poll: hand rows over with {command_line('push', stream.name)}"
    if stream.is_held(now):
        pause = command_line("streams", "pause", stream.name)
        return f"is polled by flow run {stream.flow_run_id}: {pause} takes it from there"
    return "was not free when the run began, or --max-streams left it out: run it again"
