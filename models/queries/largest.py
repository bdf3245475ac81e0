"""Which sources and streams take the most room."""

from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session, col, select

from models.tables.alert import Alert
from models.tables.detection import Detection
from models.tables.source import Source
from models.tables.stream import Stream
from models.tables.stream_point import StreamPoint


@dataclass(frozen=True)
class SourceShare:
    """A source, and what is kept of it."""

    name: str
    detections: int
    anomalies: int


@dataclass(frozen=True)
class StreamShare:
    """A stream, and what is kept of it."""

    name: str
    points: int
    alerts: int


def largest_sources(session: Session, limit: int = 10) -> list[SourceShare]:
    """Return the sources with the most anomalies, and then detections."""
    detections = func.count()
    anomalies = func.coalesce(func.sum(Detection.anomaly_count), 0)
    totals = (
        select(Detection.source_id, detections.label("detections"), anomalies.label("anomalies"))
        .group_by(col(Detection.source_id))
        .subquery()
    )
    statement = (
        select(Source.name, totals.c.detections, totals.c.anomalies)
        .join(totals, totals.c.source_id == col(Source.id))
        .order_by(totals.c.anomalies.desc(), totals.c.detections.desc(), col(Source.name))
        .limit(limit)
    )
    return [SourceShare(name, found, int(rows)) for name, found, rows in session.execute(statement)]


def largest_streams(session: Session, limit: int = 10) -> list[StreamShare]:
    """Return the streams with the most points, and then alerts."""
    # A stream keeps an unbroken run of its points.
    first, last = (
        select(function(StreamPoint.sequence))
        .where(col(StreamPoint.stream_id) == col(Stream.id))
        .scalar_subquery()
        for function in (func.min, func.max)
    )
    alerts = select(func.count()).where(col(Alert.stream_id) == col(Stream.id)).scalar_subquery()
    points = func.coalesce(last - first + 1, 0).label("points")
    statement = (
        select(Stream.name, points, alerts.label("alerts"))
        .order_by(points.desc(), alerts.desc(), col(Stream.name))
        .limit(limit)
    )
    return [StreamShare(*row) for row in session.execute(statement)]
