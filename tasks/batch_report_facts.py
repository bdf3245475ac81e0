"""From what the database keeps of a batch to what its report says."""

from collections.abc import Mapping, Sequence
from statistics import median
from uuid import UUID

from detectors.registry import parse_config
from models.status import Status
from models.tables.batch import Batch
from models.tables.detection import Detection
from reports.batch_facts import BatchCommands, BatchedSource, BatchReport
from reports.facts import Failure
from settings import get_settings
from tasks.command_lines import threshold_choice
from tasks.versions import software_versions

Rates = Mapping[UUID, Sequence[float]]


def batch_report(
    batch: Batch, detections: Sequence[Detection], rates: Rates, reports: Mapping[UUID, UUID]
) -> BatchReport:
    """Return the report of a batch that has ended.

    Args:
        batch: the batch.
        detections: all of its detections.
        rates: anomaly rates of earlier runs, by source, the latest first.
        reports: the artifact of each detection that has a report of its own.
    """
    complete = all(detection.status is Status.SUCCESS for detection in detections)
    return BatchReport(
        batch_id=str(batch.id),
        name=batch.name,
        status=batch.status.value,
        detector=parse_config(batch.detector).display_name,
        threshold=threshold_choice(batch.threshold_policy),
        started=batch.started_at or batch.created_at,
        seconds=(batch.duration_ms or 0) / 1000,
        max_workers=batch.max_workers,
        runner=get_settings().task_runner,
        seed=batch.seed,
        sources=tuple(_source(one, rates, reports) for one in detections),
        commands=BatchCommands(
            show=f"vigil batches show {batch.id}",
            results=f"vigil batches results {batch.id}",
            resume=None if complete else f"vigil batch --resume {batch.id}",
        ),
        failure=_failure(batch),
        parameters=batch.detector,
        versions=software_versions(),
    )


def by_surprise(detections: Sequence[Detection], rates: Rates) -> list[Detection]:
    """Return those that found anomalies, the furthest above their usual rate first."""
    found = [one for one in detections if one.status is Status.SUCCESS and one.anomaly_count]

    def excess(detection: Detection) -> float:
        earlier = rates.get(detection.source_id)
        return (detection.anomaly_rate or 0.0) - (median(earlier) if earlier else 0.0)

    return sorted(found, key=excess, reverse=True)


def _source(detection: Detection, rates: Rates, reports: Mapping[UUID, UUID]) -> BatchedSource:
    artifact = reports.get(detection.id)
    return BatchedSource(
        source=detection.source_name,
        status=detection.status.value,
        show=f"vigil detections show {str(detection.id)[:8]}",
        rows=detection.scored_rows,
        anomalies=detection.anomaly_count,
        seconds=None if detection.duration_ms is None else detection.duration_ms / 1000,
        failure=_failure(detection),
        earlier_rates=tuple(rates.get(detection.source_id, ())),
        # Relative, since the UI may be served below a path of its own.
        report=None if artifact is None else f"../artifact/{artifact}",
    )


def _failure(run: Batch | Detection) -> Failure | None:
    return Failure(run.error_type, run.error_message or "") if run.error_type else None
