"""From what the database holds of streams to what their report is made from."""

import shlex
from collections.abc import Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

import numpy as np
from sqlmodel import Session

from detectors.registry import parse_online_config
from models.queries.alerts import AlertFilter, list_alerts
from models.queries.points import list_points, list_stream_statistics
from models.queries.sources import get_source_names
from models.queries.stream_progress import StreamProgress, stream_progress, streams_by_id
from models.session import session_scope
from models.tables.alert import Alert
from models.tables.stream import Stream
from models.tables.stream_point import StreamPoint
from models.tables.stream_statistic import StreamStatistic
from reports.facts import Failure
from reports.stream_facts import (
    ReportedStream,
    RowSeries,
    StreamColumn,
    StreamLag,
)
from sources.polling import LagUnit
from tasks.database import open_engine, utc_now
from tasks.streams.alert_facts import alert_facts
from tasks.streams.stream_run import StreamRun

_DRAWN = 12
_POINTS = 1000
_ALERTS = 500
_NO_PROGRESS = StreamProgress([], None, 0, 0, 0, 0, 0, 0, 0)


def reported_streams(runs: Sequence[StreamRun], started: datetime) -> tuple[ReportedStream, ...]:
    """Return what a report says of each stream of a run, those left out that were deleted.

    Args:
        runs: what became of each stream.
        started: when the run began.
    """
    by_interest = sorted(runs, key=lambda run: (-run.alerts, -run.rows))
    drawn = {run.stream_id for run in by_interest[:_DRAWN]}
    ids = [run.stream_id for run in runs]
    with session_scope(open_engine(), writes=False) as session:
        streams = streams_by_id(session, ids)
        progress = stream_progress(session, ids)
        sources = get_source_names(
            session, {one.source_id for one in streams.values() if one.source_id is not None}
        )
        return tuple(
            _reported(
                session,
                run,
                streams[run.stream_id],
                progress.get(run.stream_id, _NO_PROGRESS),
                sources,
                started if run.stream_id in drawn else None,
            )
            for run in runs
            if run.stream_id in streams
        )


def _reported(
    session: Session,
    run: StreamRun,
    stream: Stream,
    progress: StreamProgress,
    sources: dict[UUID, str],
    drawn_since: datetime | None,
) -> ReportedStream:
    config = parse_online_config(stream.detector)
    threshold = config.default_threshold if stream.threshold is None else stream.threshold
    columns = list_stream_statistics(session, stream.id)
    points: list[StreamPoint] = []
    alerts: list[Alert] = []
    if drawn_since is not None:
        points = list_points(session, stream.id, limit=_POINTS).items[::-1]
        alerts = _recent_alerts(session, stream.id, drawn_since, points)
    name = shlex.quote(stream.name)
    return ReportedStream(
        name=stream.name,
        source=sources[stream.source_id] if stream.source_id is not None else "pushed points",
        detector=config.display_name,
        threshold=threshold,
        state=stream.status.value,
        rows=run.rows,
        alerts=run.alerts,
        total_rows=progress.rows_seen,
        total_skipped=progress.rows_skipped,
        unscored=progress.rows_unscored,
        total_alerts=progress.alerts,
        incidents=progress.incidents,
        warm_up_left=progress.warm_up_left,
        show=f"vigil streams show {name}",
        list_alerts=f"vigil streams alerts {name}",
        columns=tuple(_column(column) for column in columns),
        recent=_series(points, [column.column for column in columns]) if points else None,
        recent_alerts=tuple(
            alert_facts(alert, alert.state_at(utc_now()).value) for alert in alerts
        ),
        lag=_lag(stream),
        failures=run.failures,
        failure=_failure(run),
        notices=run.notices,
    )


def _recent_alerts(
    session: Session, stream_id: UUID, since: datetime, points: Sequence[StreamPoint]
) -> list[Alert]:
    first = points[0].sequence if points else 0
    latest = list_alerts(session, utc_now(), AlertFilter(stream_id), limit=_ALERTS).items
    recent = [alert for alert in latest if alert.created_at >= since or alert.sequence >= first]
    return sorted(recent, key=lambda alert: alert.sequence)


def _series(points: Sequence[StreamPoint], columns: Sequence[str]) -> RowSeries:
    return RowSeries(
        first=points[0].sequence,
        times=np.array(
            [point.timestamp and point.timestamp.timestamp() for point in points], float
        ),
        values=np.array([[point.values[name] for name in columns] for point in points], float),
        scores=np.array([point.score for point in points], float),
    )


def _column(column: StreamStatistic) -> StreamColumn:
    return StreamColumn(
        name=column.column,
        count=column.count,
        missing=column.missing,
        mean=column.mean if column.count else None,
        std=column.std,
        minimum=column.minimum,
        maximum=column.maximum,
        anomaly_count=column.anomaly_count,
    )


def _lag(stream: Stream) -> StreamLag | None:
    if stream.behind is None or stream.behind_unit is None:
        return None
    return StreamLag(stream.behind, cast("LagUnit", stream.behind_unit))


def _failure(run: StreamRun) -> Failure | None:
    if run.error_type is None or run.error_message is None:
        return None
    return Failure(run.error_type, run.error_message)
