"""The JSON documents about how much there is, and what is removed of it."""

from datetime import datetime
from uuid import UUID

from cli.shapes import Shape


class PrunedTableShape(Shape):
    """What one table lost, or would lose; ``bytes`` is about right."""

    name: str
    rows: int
    bytes: int


class PrunedShape(Shape):
    """What was removed, or would be with ``dry_run`` false."""

    dry_run: bool
    older_than: str
    keep_last: int
    fitted_older_than: str | None
    rows: int
    bytes: int
    tables: list[PrunedTableShape]


class PinnedDetectionShape(Shape):
    """A detection that is kept whatever its age, or no longer."""

    id: UUID
    source_name: str
    pinned: bool


class TableSizeShape(Shape):
    """How large a table is; ``exact`` where its rows were counted."""

    name: str
    rows: int
    exact: bool
    bytes: int
    oldest: datetime | None
    newest: datetime | None


class SourceShareShape(Shape):
    """A source that has many detections."""

    name: str
    detections: int
    anomalies: int


class StreamShareShape(Shape):
    """A stream that keeps many points or alerts."""

    name: str
    points: int
    alerts: int


class DatabaseStatisticsShape(Shape):
    """How much is in the database; ``free_bytes`` is null where that is not known."""

    database: str
    size_bytes: int
    free_bytes: int | None
    sizes: list[TableSizeShape]
    largest_sources: list[SourceShareShape]
    largest_streams: list[StreamShareShape]


class VacuumedShape(Shape):
    """What giving free room back did."""

    database: str
    size_bytes_before: int
    size_bytes: int
