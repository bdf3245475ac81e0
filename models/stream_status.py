"""Where a stream stands, and where an alert stands."""

from enum import StrEnum

from models.types import text_enum


class StreamStatus(StrEnum):
    """What is to be done with a stream; whether someone does it at the moment its lease says.

    ``created`` becomes ``running`` with its first lease; ``paused`` and ``stopped`` are a person's
    wish, and ``error`` is what too many failures in a row end in. All three wait to be resumed.
    """

    CREATED = "created"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    ERROR = "error"


class AlertState(StrEnum):
    """What has become of an alert."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"


class AlertKind(StrEnum):
    """What an alert tells of: an anomalous row, or a condition that lasts for a while.

    ``missing`` is a column that stays empty, ``stuck`` one whose value does not change, and
    ``silence`` a stream that gets no rows.
    """

    ROW = "row"
    MISSING = "missing"
    STUCK = "stuck"
    SILENCE = "silence"


POLLABLE = (StreamStatus.CREATED, StreamStatus.RUNNING)
UNRESOLVED = (AlertState.OPEN, AlertState.ACKNOWLEDGED, AlertState.SNOOZED)

StreamStatusType = text_enum(StreamStatus, "status")
AlertKindType = text_enum(AlertKind, "kind")
AlertStateType = text_enum(AlertState, "state")
