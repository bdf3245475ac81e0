"""Alerts that are new, from one look to the next."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from models.queries.alerts import list_alerts_raised
from models.tables.alert import Alert

# An alert bears the time at which its transaction began, and is seen when that is over.
_LONGEST_TRANSACTION = timedelta(seconds=60)


class AlertFollower:
    """Gives each alert once, however late its transaction ends."""

    def __init__(self, session: Session, stream_id: UUID | None, now: datetime) -> None:
        """Follow one stream, or all, from ``now`` on."""
        self._stream_id = stream_id
        self._since = now - _LONGEST_TRANSACTION
        self._seen: dict[UUID, datetime] = {}
        self.look(session)

    def look(self, session: Session) -> list[Alert]:
        """Return the alerts that were not there at the last look."""
        found = list_alerts_raised(session, self._since, self._stream_id)
        new = [alert for alert in found if alert.id not in self._seen]
        self._seen |= {alert.id: alert.created_at for alert in new}
        latest = max(self._seen.values(), default=self._since)
        self._since = max(self._since, latest - _LONGEST_TRANSACTION)
        self._seen = {one: at for one, at in self._seen.items() if at >= self._since}
        return new
