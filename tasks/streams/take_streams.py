"""Take streams that nobody holds, keep them, and let them go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from prefect.runtime import flow_run

from models.clock import read_clock
from models.queries.lease import Lease, release_leases, renew_leases, take_leases
from models.queries.streams import select_streams
from models.session import session_scope
from tasks.database import open_engine, utc_now
from tasks.streams.held_stream import lease_end


@dataclass(frozen=True)
class StreamsWork:
    """Streams that a flow run holds.

    Attributes:
        owner: the token that stands for it.
        taken_at: when it took them.
        streams: their names, by lease.
    """

    owner: UUID
    taken_at: datetime
    streams: dict[Lease, str]


def take_streams(
    names: Sequence[str] | None, tags: Sequence[str] | None, max_streams: int
) -> StreamsWork:
    """Take the streams named or tagged, or any, that are to be polled and that nobody holds.

    No task of Prefect: most runs of the schedule find nothing, and should leave little behind.

    Raises:
        UnknownStreamError: there is none of one of these names.
        EmptySelectionError: names or tags are given, and select nothing.
    """
    owner, now = uuid4(), utc_now()
    with session_scope(open_engine()) as session:
        any_will_do = names is None and tags is None
        among = None if any_will_do else select_streams(session, names, tags)
        taken = take_leases(
            session,
            owner,
            read_clock(session),
            lease_end(session),
            max_streams,
            among=among,
            flow_run_id=UUID(flow_run.id),
        )
    return StreamsWork(owner, now, {Lease(stream.id, owner): stream.name for stream in taken})


def keep_streams(owner: UUID) -> None:
    """Renew all leases of a holder: a poll may take longer than a lease.

    Raises:
        DatabaseError: the database failed.
    """
    with session_scope(open_engine()) as session:
        renew_leases(session, owner, lease_end(session))


def release_streams(owner: UUID) -> int:
    """Let go of all that a holder holds still, and return how many these are.

    Raises:
        DatabaseError: the database failed; the leases then run out.
    """
    with session_scope(open_engine()) as session:
        return release_leases(session, owner)
