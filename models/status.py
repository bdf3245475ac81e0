"""Where a piece of work stands."""

from enum import StrEnum

from sqlalchemy import Enum


class Status(StrEnum):
    """``partial`` is for work of several parts, of which some failed."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCESS = "success"
    PARTIAL = "partial"
    ERROR = "error"
    CANCELLED = "cancelled"


# A string with a CHECK: a native enum could not gain a value inside a transaction on PostgreSQL.
StatusType = Enum(
    Status,
    values_callable=lambda statuses: [status.value for status in statuses],
    native_enum=False,
    create_constraint=True,
    name="status",
    length=16,
)
