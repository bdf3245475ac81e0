"""The JSON documents of streams; docs/cli.md describes them. Names change only with notice."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import Field

from cli.alert_shapes import AlertShape
from cli.shapes import Shape
from detectors.registry import parse_online_config
from models.queries.stream_progress import StreamProgress
from models.stream_status import AlertState, StreamStatus
from models.tables.stream import Stream
from models.tables.stream_statistic import StreamStatistic
from reports.numbers import number


class StreamDefinitionShape(Shape):
    """What a person said about a stream, and how its work stands."""

    id: UUID
    name: str
    status: StreamStatus
    source_id: UUID | None
    algorithm: str
    config: dict[str, Any] = Field(validation_alias="detector")
    tags: list[str]
    seed: int
    learn_anomalies: bool
    backfill: int
    time_column: str | None
    every_seconds: float
    page_limit: int
    lag: float
    min_consecutive: int
    cooldown_seconds: float
    resolve_after: int
    keep_points: int
    max_failures: int
    watch_missing: bool
    watch_stuck: bool
    silence_seconds: float | None
    notify: str | None = Field(validation_alias="notify_block")
    flow_run_id: UUID | None
    failures: int
    error_type: str | None
    error_message: str | None
    behind: float | None
    behind_unit: str | None
    last_polled_at: datetime | None
    next_poll_at: datetime | None
    created_at: datetime
    updated_at: datetime


class StreamShape(StreamDefinitionShape):
    """A stream as lists show it."""

    source_name: str | None
    columns: list[str] | None
    threshold: float
    held: bool
    warming_up: bool
    warm_up_left: int | None
    total_points: int
    scored_points: int
    skipped_points: int
    unscored_points: int
    total_alerts: int
    total_incidents: int
    unresolved_alerts: int
    alert_rate: float | None
    buffer_utilization: float

    @classmethod
    def of(
        cls,
        stream: Stream,
        source_name: str | None,
        progress: StreamProgress | None,
        alerts: Mapping[AlertState, int],
        now: datetime,
        **more: Any,
    ) -> Self:
        """Return a stream with how far it is; ``more`` is what a further shape adds.

        Args:
            stream: the stream.
            source_name: of its source.
            progress: None before its first row.
            alerts: how many are in which state.
            now: to tell whether somebody works on it.
            more: further fields.
        """
        total = 0 if progress is None else progress.rows_seen
        scored = 0 if progress is None else progress.rows_scored
        raised = 0 if progress is None else progress.alerts
        kept = min(total, stream.keep_points)
        return cls(
            **StreamDefinitionShape.model_validate(stream).model_dump(),
            source_name=source_name,
            columns=stream.columns if progress is None else progress.columns,
            threshold=effective_threshold(stream),
            held=stream.is_held(now),
            warming_up=progress is None or progress.warm_up_left > 0,
            warm_up_left=None if progress is None else progress.warm_up_left,
            total_points=total,
            scored_points=scored,
            skipped_points=total - scored,
            unscored_points=0 if progress is None else progress.rows_unscored,
            total_alerts=raised,
            total_incidents=0 if progress is None else progress.incidents,
            unresolved_alerts=sum(alerts.values()) - alerts.get(AlertState.RESOLVED, 0),
            alert_rate=raised / scored if scored else None,
            buffer_utilization=kept / stream.keep_points if stream.keep_points else 0.0,
            **more,
        )


class StreamStatisticShape(Shape):
    """What a watched column has held so far."""

    column: str
    count: int
    missing: int
    mean: float | None
    std: float | None
    min: float | None
    max: float | None
    anomaly_count: int
    anomaly_rate: float | None
    empty_rows: int
    same_rows: int

    @classmethod
    def of(cls, statistic: StreamStatistic) -> Self:
        """Return the statistics of one column."""
        count = statistic.count
        return cls(
            column=statistic.column,
            count=count,
            missing=statistic.missing,
            mean=statistic.mean if count else None,
            std=statistic.std,
            min=statistic.minimum,
            max=statistic.maximum,
            anomaly_count=statistic.anomaly_count,
            anomaly_rate=statistic.anomaly_count / count if count else None,
            empty_rows=statistic.empty_rows,
            same_rows=statistic.same_rows,
        )


class StreamDetailShape(StreamShape):
    """A stream with what its columns have held, and its latest alerts."""

    alerts_by_state: dict[AlertState, int]
    statistics: list[StreamStatisticShape]
    recent_alerts: Sequence[AlertShape]


class StreamPointShape(Shape):
    """A recent row of a stream."""

    sequence: int
    timestamp: datetime | None
    row_key: str | None
    data: dict[str, Any] = Field(validation_alias="values")
    anomaly_score: float | None = Field(validation_alias="score")
    is_anomaly: bool | None


class ChangedStreamShape(Shape):
    """A stream that was paused, resumed or stopped; ``held`` if a flow run still works on it."""

    id: UUID
    name: str
    status: StreamStatus
    held: bool


class RanStreamShape(Shape):
    """What a run of the flow did with one stream; points and alerts are those of the run."""

    id: UUID
    name: str
    status: StreamStatus
    points: int
    skipped_points: int
    alerts: int
    behind: float | None
    behind_unit: str | None
    failures: int
    error_type: str | None
    error_message: str | None


class NotRunShape(Shape):
    """A stream that was named and did not run."""

    id: UUID
    name: str
    status: StreamStatus
    reason: str


class StreamRunShape(Shape):
    """A run of the flow ``stream`` that has ended."""

    flow_run_id: UUID | None
    interrupted: bool
    streams: list[RanStreamShape]
    not_run: list[NotRunShape]


class PushedShape(Shape):
    """What became of points that were handed over."""

    stream_id: UUID
    stream_name: str
    scored_points: int
    skipped_points: int
    known_points: int
    alerts: list[AlertShape]


class LostStreamShape(Shape):
    """A stream that was reset or deleted, and what went with it."""

    id: UUID
    name: str
    point_count: int
    alert_count: int


def effective_threshold(stream: Stream) -> float:
    """Return the score above which a row of a stream is an anomaly."""
    if stream.threshold is not None:
        return stream.threshold
    return parse_online_config(stream.detector).default_threshold


def describe_lag(stream: Stream | RanStreamShape) -> str | None:
    """Say how far behind the end of its source a stream is; None if that is not known."""
    if stream.behind is None:
        return None
    if not stream.behind:
        return "none, at the end of the source"
    return f"{number(stream.behind)} {stream.behind_unit} behind the end of the source"
