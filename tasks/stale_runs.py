"""Runs that nobody works on any more: the process that did has died."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from models.clock import read_clock
from models.queries.batch_life import beat
from models.queries.orphans import EndedOrphans, repair_orphans
from models.session import session_scope
from models.status import UNFINISHED
from models.tables.batch import Batch
from settings import get_settings
from tasks.database import open_engine

# A lone detection has no heartbeat: one a day old is certainly not worked on.
_LONGEST_DETECTION = timedelta(days=1)


def end_stale() -> EndedOrphans:
    """End what has given no sign of life for as long as the settings allow."""
    with session_scope(open_engine()) as session:
        now = read_clock(session)
        return repair_orphans(
            session, last_sign_of_life(session), now, started_before=now - _LONGEST_DETECTION
        )


def is_dead(session: Session, batch: Batch) -> bool:
    """Return whether the process that worked on an unfinished batch has died."""
    last_sign = batch.heartbeat_at or batch.created_at
    return batch.status in UNFINISHED and last_sign < last_sign_of_life(session)


def give_sign_of_life(session: Session, batch_id: UUID) -> bool:
    """Let other machines know that a batch is worked on, and return whether to cancel it.

    Raises:
        UnknownBatchError: the batch was deleted meanwhile.
        RunStatusError: it was ended meanwhile.
    """
    return beat(session, batch_id, read_clock(session))


def last_sign_of_life(session: Session) -> datetime:
    """Return the time since which a live batch has given a sign of life."""
    return read_clock(session) - timedelta(seconds=get_settings().stale_after_seconds)
