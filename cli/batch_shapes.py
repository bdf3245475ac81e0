"""The JSON documents of batches; docs/cli.md describes them. Names change only with notice."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import Field

from cli.shapes import Shape
from models.paging import Page
from models.queries.batch_progress import BatchProgress
from models.status import Status
from models.tables.batch import Batch
from models.tables.detection import Detection


class BatchRequestShape(Shape):
    """What was asked of a batch, and when it was worked on."""

    id: UUID
    name: str | None
    status: Status
    algorithm: str
    config: dict[str, Any] = Field(validation_alias="detector")
    threshold_policy: dict[str, Any]
    columns: list[str] | None
    sample_size: int | None
    missing: str
    seed: int
    max_workers: int
    source_timeout_seconds: float | None
    total_sources: int
    flow_run_id: UUID | None
    created_at: datetime
    started_at: datetime | None
    heartbeat_at: datetime | None
    cancel_requested_at: datetime | None
    completed_at: datetime | None
    duration_ms: int | None
    error_type: str | None
    error_message: str | None


class BatchShape(BatchRequestShape):
    """A batch as lists show it."""

    pending_sources: int
    running_sources: int
    completed_sources: int
    failed_sources: int
    cancelled_sources: int
    progress_percent: float
    current_source_id: UUID | None
    current_sources: list[str]
    total_anomalies: int
    total_rows_analyzed: int
    average_anomaly_rate: float | None
    average_anomaly_rate_unweighted: float | None

    @classmethod
    def of(cls, batch: Batch, progress: BatchProgress, **more: Any) -> Self:
        """Return a batch with how far it is; ``more`` is what a further shape adds."""
        return cls(
            **BatchRequestShape.model_validate(batch).model_dump(),
            pending_sources=progress.pending,
            running_sources=progress.running,
            completed_sources=progress.success,
            failed_sources=progress.error,
            cancelled_sources=progress.cancelled,
            progress_percent=progress.percent,
            current_source_id=progress.current_source_id,
            current_sources=list(progress.current_sources),
            total_anomalies=progress.total_anomalies,
            total_rows_analyzed=progress.total_rows,
            average_anomaly_rate=progress.weighted_rate,
            average_anomaly_rate_unweighted=progress.unweighted_rate,
            **more,
        )


class BatchResultShape(Shape):
    """What became of one source of a batch."""

    source_id: UUID
    source_name: str
    detection_id: UUID = Field(validation_alias="id")
    status: Status
    total_rows: int | None
    scored_rows: int | None
    anomaly_count: int | None
    anomaly_rate: float | None
    duration_ms: int | None
    error_type: str | None
    error_message: str | None


class BatchDetailShape(BatchShape):
    """A batch with what became of its sources; ``results_total`` is their true total."""

    results: list[BatchResultShape]
    results_offset: int
    results_limit: int
    results_total: int

    @classmethod
    def with_results(cls, batch: Batch, progress: BatchProgress, page: Page[Detection]) -> Self:
        """Return a batch with a page of its detections."""
        return cls.of(
            batch,
            progress,
            results=[BatchResultShape.model_validate(detection) for detection in page.items],
            results_offset=page.offset,
            results_limit=page.limit,
            results_total=page.total,
        )


class CancelledBatchShape(Shape):
    """A batch that is to be cancelled: at once, or by the flow run that works on it."""

    id: UUID
    status: Status
    cancelled_at_once: bool
    unfinished_sources: int


class DeletedBatchShape(Shape):
    """A batch that was deleted, and what went with it."""

    id: UUID
    name: str | None
    detection_count: int
    anomaly_count: int


class EndedRunShape(Shape):
    """A run of any kind that nobody worked on any more, or the lease of a stream."""

    kind: str
    id: UUID
    name: str
    status: Status
    unfinished_detections: int
    error_message: str | None


class RepairedShape(Shape):
    """What was ended, or would be."""

    dry_run: bool
    ended: list[EndedRunShape]
