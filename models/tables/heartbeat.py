"""The flow runs that are under way."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from models.base import Table
from models.types import Text


class Heartbeat(Table, table=True):
    """The last sign of life of a flow run, of any flow; removed when the flow run ends.

    Attributes:
        flow: the name of its flow.
        name: the name of the flow run.
        process: which process it is, as ``tasks.process`` identifies it; null if that is unknown.
        beat_at: when it gave its last sign of life, by the database's clock.
    """

    flow_run_id: UUID = Field(primary_key=True)
    flow: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    process: str | None = Field(default=None, sa_type=Text)
    started_at: datetime
    beat_at: datetime
