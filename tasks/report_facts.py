"""From what the database keeps of a detection to what its report says."""

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from detectors.registry import parse_config
from models.tables.anomaly import Anomaly
from models.tables.column_summary import ColumnSummary
from models.tables.detection import Detection
from models.tables.source import Source
from reports.facts import (
    EXTREME_Z,
    AnomalyFacts,
    ColumnFacts,
    Commands,
    DetectionReport,
    ErrorReport,
    KnownTruth,
    Provenance,
    RowValue,
    ScoreHistogram,
    ThresholdFacts,
)
from tasks.command_lines import rerun_detection, threshold_choice
from tasks.versions import software_versions

T = TypeVar("T")

_READ_ERRORS = ("SourceError", "TransientSourceError")


def detection_report(
    detection: Detection, source: Source, top: list[Anomaly], columns: list[ColumnSummary]
) -> DetectionReport:
    """Return the report of a detection that succeeded."""
    return DetectionReport(
        source=detection.source_name,
        detector=_display_name(detection),
        rows_read=_known(detection.total_rows),
        rows_scored=_known(detection.scored_rows),
        n_anomalies=_known(detection.anomaly_count),
        seconds=_known(detection.duration_ms) / 1000,
        threshold=_threshold(detection),
        histogram=_histogram(detection),
        anomalies=tuple(_anomaly(anomaly, source, columns) for anomaly in top),
        columns=tuple(_column(column) for column in columns),
        left_out=detection.left_out or {},
        notices=tuple(detection.notices or ()),
        commands=_commands(detection),
        provenance=_provenance(detection),
        truth=_truth(detection),
    )


def error_report(detection: Detection) -> ErrorReport:
    """Return the report of a detection that failed."""
    return ErrorReport(
        source=detection.source_name,
        detector=_display_name(detection),
        step="reading it" if detection.error_type in _READ_ERRORS else "looking for them",
        error_type=detection.error_type or "Error",
        message=detection.error_message or "",
        check=f"vigil sources check {shlex.quote(detection.source_name)}",
        commands=_commands(detection),
        detection_id=str(detection.id),
        started=detection.started_at or detection.created_at,
        seconds=(detection.duration_ms or 0) / 1000,
    )


def _known(value: T | None) -> T:
    if value is None:
        raise ValueError("a finished detection has all its figures: this row was changed by hand")
    return value


def _display_name(detection: Detection) -> str:
    return parse_config(detection.detector).display_name


def _threshold(detection: Detection) -> ThresholdFacts:
    choice = threshold_choice(detection.threshold_policy)
    return ThresholdFacts(
        value=_known(detection.threshold),
        policy=choice.policy,
        parameter=choice.parameter,
        clean_rows=detection.clean_rows,
    )


def _histogram(detection: Detection) -> ScoreHistogram:
    histogram = _known(detection.score_histogram)
    return ScoreHistogram(tuple(histogram["edges"]), tuple(histogram["counts"]))


def _anomaly(anomaly: Anomaly, source: Source, columns: list[ColumnSummary]) -> AnomalyFacts:
    return AnomalyFacts(
        rank=anomaly.rank,
        row=anomaly.row_index,
        score=anomaly.score,
        p_value=anomaly.p_value,
        key=key_facts(anomaly.row_key, source),
        values=row_facts(anomaly.values, columns, anomaly.standouts),
        label=anomaly.label,
    )


def row_facts(
    values: Mapping[str, Any], columns: Sequence[ColumnSummary], standouts: Mapping[str, float]
) -> tuple[RowValue, ...]:
    """Return a row's numbers, each with its robust z-score, and what else stands out.

    Args:
        values: what the row holds, by column.
        columns: summaries of the table's columns.
        standouts: z-scores of the features in which the row is extreme.
    """
    z = {
        column.column: (value - column.median) / column.spread
        for column in columns
        if column.spread is not None
        and column.median is not None
        and isinstance(value := values.get(column.column), int | float)
    }
    return tuple(
        RowValue(feature, _value(values, feature), score)
        for feature, score in (z | dict(standouts)).items()
    )


def _value(values: Mapping[str, Any], feature: str) -> float | str | bool | None:
    # A date has several features, named <column>:<term>.
    held: float | str | bool | None = values.get(feature, values.get(feature.rpartition(":")[0]))
    return held


def key_facts(row_key: str | None, source: Source) -> dict[str, str]:
    """Return what identifies a row, by key column; a missing value as no text."""
    if row_key is None:
        return {}
    texts = [row_key] if len(source.key_columns) == 1 else json.loads(row_key)
    return {name: text or "" for name, text in zip(source.key_columns, texts, strict=True)}


def _column(column: ColumnSummary) -> ColumnFacts:
    return ColumnFacts(
        name=column.column,
        dtype=column.dtype,
        watched=column.watched,
        missing=column.missing,
        infinite=column.infinite,
        constant=column.constant,
        minimum=column.minimum,
        median=column.median,
        maximum=column.maximum,
        typical=typical_range(column),
        extreme_anomalies=column.extreme_anomalies,
        note=column.note,
    )


def typical_range(column: ColumnSummary) -> tuple[float, float] | None:
    """Return the range in which a value is not extreme; None where there are no numbers."""
    if column.spread is None or column.median is None:
        return None
    reach = EXTREME_Z * column.spread
    low, high = column.median - reach, column.median + reach
    return max(low, _known(column.minimum)), min(high, _known(column.maximum))


def _commands(detection: Detection) -> Commands:
    return Commands(
        rerun=rerun_detection(detection),
        show=f"vigil detections show {detection.id}",
        explain=f"vigil explain {detection.id}" if detection.anomaly_count else None,
    )


def _provenance(detection: Detection) -> Provenance:
    return Provenance(
        detection_id=str(detection.id),
        started=_known(detection.started_at),
        seed=detection.seed,
        sample_size=detection.sample_size,
        chunk_rows=detection.chunk_rows,
        fingerprint=_known(detection.fingerprint),
        parameters=detection.detector,
        versions=software_versions(),
    )


def _truth(detection: Detection) -> KnownTruth | None:
    if detection.auroc is None or detection.average_precision is None:
        return None
    return KnownTruth(
        auroc=detection.auroc,
        average_precision=detection.average_precision,
        known=_known(detection.known_anomalies),
        found=_known(detection.found_anomalies),
    )
