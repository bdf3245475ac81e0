"""From what the database keeps of a comparison to what its report says."""

from collections.abc import Mapping, Sequence

import numpy as np

from detectors.agreement import Opinion
from detectors.registry import parse_config
from models.agreement_level import AgreementLevel
from models.tables.agreement_record import AgreementRecord
from models.tables.column_summary import ColumnSummary
from models.tables.comparison import Comparison
from models.tables.detection import Detection
from models.tables.run import Run
from models.tables.source import Source
from reports.comparison_facts import (
    AgreedRow,
    ComparedDetector,
    ComparisonCommands,
    ComparisonReport,
    DetectorGrade,
    LevelFacts,
    PairFacts,
    ScorePairs,
    least_alike_pair,
)
from reports.facts import Failure
from tasks.command_lines import rerun_comparison, threshold_choice
from tasks.report_facts import key_facts, row_facts, typical_range
from tasks.versions import software_versions

_MOST_POINTS = 1500  # flagged, and as many others


def comparison_report(
    comparison: Comparison,
    source: Source,
    detections: Sequence[Detection],
    alone: Mapping[str, int],
    rows: Sequence[AgreementRecord],
    columns: Sequence[ColumnSummary],
    opinions: Mapping[str, Opinion],
) -> ComparisonReport:
    """Return the report of a comparison that has ended.

    Args:
        comparison: the comparison.
        source: the registry row of its source.
        detections: one a detector, in the order asked for.
        alone: rows that a detector alone flags, by label.
        rows: the rows agreed on most.
        columns: summaries of the table's columns.
        opinions: what the detectors said, by label; none where that is gone.
    """
    pairs = tuple(PairFacts(**pair) for pair in comparison.pairs or ())
    known = next((d.known_anomalies for d in detections if d.known_anomalies is not None), None)
    return ComparisonReport(
        comparison_id=str(comparison.id),
        source=comparison.source_name,
        status=comparison.status.value,
        threshold=threshold_choice(comparison.threshold_policy),
        started=comparison.started_at or comparison.created_at,
        seconds=(comparison.duration_ms or 0) / 1000,
        seed=comparison.seed,
        sample_size=comparison.sample_size,
        detectors=tuple(_detector(detection, alone) for detection in detections),
        commands=_commands(comparison, detections),
        rows_scored=comparison.scored_rows,
        fingerprint=comparison.fingerprint,
        levels=_levels(comparison),
        pairs=pairs,
        rows=tuple(_row(row, source, columns) for row in rows),
        least_alike=_score_pairs(least_alike_pair(pairs), opinions, comparison.seed),
        typical={
            column.column: typical
            for column in columns
            if (typical := typical_range(column)) is not None
        },
        known=known,
        failure=_failure(comparison),
        versions=software_versions(),
    )


def _detector(detection: Detection, alone: Mapping[str, int]) -> ComparedDetector:
    label = detection.label or detection.algorithm
    graded = detection.auroc is not None and detection.average_precision is not None
    return ComparedDetector(
        label=label,
        detector=parse_config(detection.detector).display_name,
        status=detection.status.value,
        show=f"vigil detections show {detection.id}",
        anomalies=detection.anomaly_count,
        alone=None if detection.anomaly_count is None else alone.get(label, 0),
        threshold=detection.threshold,
        seconds=None if detection.duration_ms is None else detection.duration_ms / 1000,
        failure=_failure(detection),
        grade=DetectorGrade(
            auroc=detection.auroc or 0.0,
            average_precision=detection.average_precision or 0.0,
            precision=detection.precision,
            recall=detection.recall,
        )
        if graded
        else None,
        parameters=detection.detector,
    )


def _levels(comparison: Comparison) -> tuple[LevelFacts, ...]:
    if comparison.flagged_rows is None:
        return ()
    counts = {
        AgreementLevel.ALL: comparison.flagged_by_all,
        AgreementLevel.MAJORITY: comparison.flagged_by_majority,
        AgreementLevel.SOME: comparison.flagged_by_some,
        AgreementLevel.ONE: comparison.flagged_by_one,
    }
    grades = comparison.level_grades or {}
    return tuple(
        LevelFacts(
            level=level.value,
            rows=count or 0,
            found=grades[level]["found"] if level in grades else None,
            precision=grades[level]["precision"] if level in grades else None,
            recall=grades[level]["recall"] if level in grades else None,
        )
        for level, count in counts.items()
    )


def _row(record: AgreementRecord, source: Source, columns: Sequence[ColumnSummary]) -> AgreedRow:
    return AgreedRow(
        rank=record.rank,
        row=record.row_index,
        detectors=tuple(record.detectors),
        level=record.level.value,
        confidence=record.confidence,
        mean_rank=record.mean_rank,
        key=key_facts(record.row_key, source),
        values=row_facts(record.values, columns, {}),
        label=record.label,
    )


def _score_pairs(
    pair: PairFacts | None, opinions: Mapping[str, Opinion], seed: int
) -> ScorePairs | None:
    """Return the scores of the least alike pair, of a sample of flagged rows and of others."""
    if pair is None or pair.first not in opinions or pair.second not in opinions:
        return None
    first, second = opinions[pair.first], opinions[pair.second]
    flagged = first.flags | second.flags
    random = np.random.default_rng(seed)
    shown = np.concatenate(
        [
            random.choice(rows, min(len(rows), _MOST_POINTS), replace=False)
            for rows in (np.flatnonzero(flagged), np.flatnonzero(~flagged))
        ]
    )
    return ScorePairs(
        pair.first,
        pair.second,
        tuple(first.scores[shown].tolist()),
        tuple(second.scores[shown].tolist()),
    )


def _commands(comparison: Comparison, detections: Sequence[Detection]) -> ComparisonCommands:
    return ComparisonCommands(
        rerun=rerun_comparison(comparison, detections),
        show=f"vigil comparisons show {comparison.id}",
        records=f"vigil comparisons records {comparison.id}",
    )


def _failure(run: Run) -> Failure | None:
    return Failure(run.error_type, run.error_message or "") if run.error_type else None
