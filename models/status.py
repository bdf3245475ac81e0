"""Where a piece of work stands."""

from enum import StrEnum

from models.types import text_enum


class Status(StrEnum):
    """``partial`` is for work of several parts, of which some failed."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCESS = "success"
    PARTIAL = "partial"
    ERROR = "error"
    CANCELLED = "cancelled"


UNFINISHED = (Status.PENDING, Status.RUNNING)

StatusType = text_enum(Status, "status")
