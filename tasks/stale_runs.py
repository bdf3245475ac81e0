"""Runs that nobody works on any more: the process that did has died."""

from datetime import datetime, timedelta

from models.queries.orphans import EndedOrphans, repair_orphans
from models.session import session_scope
from settings import get_settings
from tasks.database import open_engine, utc_now

# A lone detection has no heartbeat: one a day old is certainly not worked on.
_LONGEST_DETECTION = timedelta(days=1)


def end_stale() -> EndedOrphans:
    """End what has given no sign of life for as long as the settings allow."""
    now = utc_now()
    with session_scope(open_engine()) as session:
        return repair_orphans(
            session, last_sign_of_life(), now, started_before=now - _LONGEST_DETECTION
        )


def last_sign_of_life() -> datetime:
    """Return the time since which a live batch has given a sign of life."""
    return utc_now() - timedelta(seconds=get_settings().stale_after_seconds)
