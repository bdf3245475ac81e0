"""Runs that nobody works on any more: the process that did has died."""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from sqlmodel import Session

from models.clock import LifeCheck, read_clock
from models.queries.batch_life import beat
from models.queries.heartbeats import is_alive, list_heartbeats, renew_heartbeats
from models.queries.orphans import EndedOrphans, repair_orphans
from models.session import session_scope
from models.status import UNFINISHED
from models.tables.batch import Batch
from settings import get_settings
from tasks.database import open_engine
from tasks.process import is_running


class _UndoneError(Exception):
    """What was ended is not to be kept."""


def end_stale(*, force: bool = False, dry_run: bool = False) -> EndedOrphans:
    """End what has given no sign of life for as long as the settings allow.

    Where the process of a flow run can be looked at, this decides: one that computes for minutes
    without a word is alive, one that is gone is dead at once.

    Args:
        force: end also what gave a sign of life.
        dry_run: only find out what would be ended.
    """
    ended = EndedOrphans()
    with suppress(_UndoneError), session_scope(open_engine()) as session:
        check = life_check(session)
        running = {run.flow_run_id: is_running(run.process) for run in list_heartbeats(session)}
        renew_heartbeats(session, [run for run, runs in running.items() if runs], check)
        gone = [run for run, runs in running.items() if runs is False]
        ended = repair_orphans(session, check, known_dead=gone, force=force)
        if dry_run:
            session.expunge_all()
            raise _UndoneError
    return ended


def is_dead(session: Session, batch: Batch) -> bool:
    """Return whether the process that worked on an unfinished batch has died."""
    return batch.status in UNFINISHED and not is_alive(session, batch, life_check(session))


def give_sign_of_life(session: Session, batch_id: UUID) -> bool:
    """Let other machines know that a batch is worked on, and return whether to cancel it.

    Raises:
        UnknownBatchError: the batch was deleted meanwhile.
        RunStatusError: it was ended meanwhile.
    """
    return beat(session, batch_id, read_clock(session))


def life_check(session: Session) -> LifeCheck:
    """Return what tells a live run from a dead one, by the database's clock and the settings."""
    return LifeCheck(read_clock(session), timedelta(seconds=get_settings().stale_after_seconds))
