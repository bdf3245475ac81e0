"""What became of one stream in one flow run."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Ending(StrEnum):
    """Why a stream was let go."""

    TIME_OVER = "time over"
    TAKEN_AWAY = "taken away"
    PAUSED = "paused"
    STOPPED = "stopped"
    GIVEN_UP = "given up"


@dataclass(frozen=True)
class StreamRun:
    """What became of one stream in one flow run.

    Attributes:
        stream_id: the stream.
        rows: rows that were read.
        alerts: alerts that were raised.
        ending: why it was let go.
        failures: errors that were met.
        error_type: of the last of them; None if there was none.
        error_message: likewise.
        notices: what the source had to say, the last ones.
    """

    stream_id: UUID
    rows: int
    alerts: int
    ending: Ending
    failures: int
    error_type: str | None
    error_message: str | None
    notices: tuple[str, ...]


class StreamFailedError(Exception):
    """A stream was given up after too many failures in a row.

    Attributes:
        run: what became of it until then.
    """

    def __init__(self, message: str, run: StreamRun) -> None:
        super().__init__(message)
        self.run = run
