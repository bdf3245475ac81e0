"""The JSON documents of comparisons; docs/cli.md describes them. Names change only with notice."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlmodel import Session

from cli.shapes import Shape
from detectors.registry import parse_config
from models.queries.comparisons import list_agreement_records, list_comparison_results
from models.queries.findings import list_anomalous_rows
from models.status import Status
from models.tables.comparison import Comparison
from models.tables.detection import Detection


class ComparisonShape(Shape):
    """A comparison as lists show it."""

    id: UUID
    source_id: UUID
    source_name: str
    status: Status
    labels: list[str]
    threshold_policy: dict[str, Any]
    columns: list[str] | None
    sample_size: int | None
    missing: str
    seed: int
    features: list[str] | None
    columns_left_out: dict[str, str] | None = Field(validation_alias="left_out")
    total_rows: int | None
    scored_rows: int | None
    fingerprint: str | None
    flow_run_id: UUID | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    duration_ms: int | None
    error_type: str | None
    error_message: str | None
    total_algorithms: int = Field(validation_alias="total_detectors")
    succeeded_algorithms: int | None = Field(validation_alias="succeeded")
    total_unique_anomalies: int | None = Field(validation_alias="flagged_rows")


class AlgorithmResultShape(Shape):
    """One detector of a comparison."""

    label: str
    algorithm: str
    display_name: str
    config: dict[str, Any]
    adjusted: dict[str, Any] | None
    detection_id: UUID
    status: Status
    anomaly_count: int | None
    anomaly_rate: float | None
    anomaly_indices: list[int]
    threshold: float | None
    auroc: float | None
    average_precision: float | None
    precision: float | None
    recall: float | None
    duration_ms: int | None
    error_type: str | None
    error_message: str | None


class PairShape(Shape):
    """Two detectors that succeeded, beside each other."""

    first: str
    second: str
    both: int
    either: int
    jaccard: float | None
    spearman: float


class LevelGradeShape(Shape):
    """How right the rows of one level are, by the labels of the source."""

    graded: int
    found: int
    precision: float | None
    recall: float | None


class AgreementSummaryShape(Shape):
    """Where the detectors that succeeded agree; the levels are exclusive."""

    total_algorithms: int
    succeeded_algorithms: int | None
    total_unique_anomalies: int | None
    all_count: int | None
    majority_count: int | None
    some_count: int | None
    one_count: int | None
    agreement_matrix: dict[str, dict[str, int]]
    pairs: list[PairShape]
    level_grades: dict[str, LevelGradeShape] | None


class AgreementRecordShape(Shape):
    """A row that at least one detector flags."""

    rank: int
    row_index: int
    row_key: str | None
    detected_by: list[str] = Field(validation_alias="detectors")
    detection_count: int = Field(validation_alias="count")
    agreement_level: str = Field(validation_alias="level")
    confidence_score: float = Field(validation_alias="confidence")
    mean_rank: float
    column_values: dict[str, Any] = Field(validation_alias="values")
    label: bool | None


class ComparisonDetailShape(ComparisonShape):
    """A comparison with what it found; ``total_unique_anomalies`` is the records' true total."""

    algorithm_results: list[AlgorithmResultShape]
    agreement_summary: AgreementSummaryShape
    agreement_records: list[AgreementRecordShape]
    agreement_records_offset: int
    agreement_records_limit: int


class DeletedComparisonShape(Shape):
    """A comparison that was deleted, and what went with it."""

    id: UUID
    source_name: str
    detection_count: int
    record_count: int


def load_document(
    session: Session, comparison: Comparison, limit: int, offset: int
) -> ComparisonDetailShape:
    """Return a comparison with ``limit`` of its records from ``offset`` on."""
    detections = list_comparison_results(session, comparison)
    flagged = list_anomalous_rows(session, [detection.id for detection in detections])
    page = list_agreement_records(session, comparison.id, offset=offset, limit=limit)
    return ComparisonDetailShape(
        **ComparisonShape.model_validate(comparison).model_dump(),
        algorithm_results=[_result(detection, flagged) for detection in detections],
        agreement_summary=_summary(comparison, detections),
        agreement_records=[AgreementRecordShape.model_validate(record) for record in page.items],
        agreement_records_offset=page.offset,
        agreement_records_limit=page.limit,
    )


def _result(detection: Detection, flagged: Mapping[UUID, list[int]]) -> AlgorithmResultShape:
    return AlgorithmResultShape(
        label=detection.label or detection.algorithm,
        algorithm=detection.algorithm,
        display_name=parse_config(detection.algorithm).display_name,
        config=detection.detector,
        adjusted=detection.adjusted,
        detection_id=detection.id,
        status=detection.status,
        anomaly_count=detection.anomaly_count,
        anomaly_rate=detection.anomaly_rate,
        anomaly_indices=flagged[detection.id],
        threshold=detection.threshold,
        auroc=detection.auroc,
        average_precision=detection.average_precision,
        precision=detection.precision,
        recall=detection.recall,
        duration_ms=detection.duration_ms,
        error_type=detection.error_type,
        error_message=detection.error_message,
    )


def _summary(comparison: Comparison, detections: Sequence[Detection]) -> AgreementSummaryShape:
    pairs = comparison.pairs or []
    matrix: dict[str, dict[str, int]] = {
        one.label: {one.label: one.anomaly_count}
        for one in detections
        if one.label is not None and one.anomaly_count is not None
    }
    for pair in pairs:
        matrix.setdefault(pair["first"], {})[pair["second"]] = pair["both"]
        matrix.setdefault(pair["second"], {})[pair["first"]] = pair["both"]
    return AgreementSummaryShape(
        total_algorithms=comparison.total_detectors,
        succeeded_algorithms=comparison.succeeded,
        total_unique_anomalies=comparison.flagged_rows,
        all_count=comparison.flagged_by_all,
        majority_count=comparison.flagged_by_majority,
        some_count=comparison.flagged_by_some,
        one_count=comparison.flagged_by_one,
        agreement_matrix=matrix,
        pairs=[PairShape(**pair) for pair in pairs],
        level_grades=comparison.level_grades,
    )
