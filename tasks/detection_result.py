"""From what a detection found to what the database keeps of it."""

from collections.abc import Sequence

import numpy as np

from detectors.columns import NumericColumn
from detectors.extremes import EXTREME
from detectors.profile import ColumnProfile
from detectors.score_summary import QUANTILES
from models.tables.column_summary import ColumnStatistics
from models.tables.detection import Detection, Histogram
from models.tables.results import DetectionResult
from models.tables.source import Source
from tasks.anomaly_rows import AnomalyRows
from tasks.findings import Findings
from tasks.fitted_detector import pack_detector


def build_result(
    findings: Findings,
    source: Source,
    detection: Detection,
    sample_size: int | None,
    chunk_rows: int | None = None,
    notices: Sequence[str] = (),
) -> DetectionResult:
    """Return everything that is kept of a finished detection.

    Args:
        findings: what was found.
        source: the registry row of the source.
        detection: what was asked for.
        sample_size: the most rows the detector was fitted on; None for all.
        chunk_rows: rows read at a time; None where the table was held whole.
        notices: what is wrong with single rows of the source.

    Raises:
        SigningKeyError: there is no key to sign the fitted detector with.
    """
    encoder, summary, grades = findings.kept.encoder, findings.summary, findings.grades
    labels = findings.flagged.labels
    return DetectionResult(
        features=list(encoder.names),
        left_out=encoder.left_out,
        notices=list(notices),
        threshold=findings.decision.threshold,
        clean_rows=len(findings.decision.twin_scores),
        sample_size=sample_size,
        chunk_rows=chunk_rows,
        total_rows=findings.total_rows,
        scored_rows=findings.scored_rows,
        score_quantiles={
            f"{at:g}": value for at, value in zip(QUANTILES, summary.quantiles, strict=True)
        },
        score_histogram=Histogram(edges=list(summary.edges), counts=list(summary.counts)),
        fingerprint=findings.fingerprint,
        auroc=None if grades is None else grades.auroc,
        average_precision=None if grades is None else grades.average_precision,
        known_anomalies=findings.known,
        found_anomalies=None if labels is None else int((labels == 1).sum()),
        anomalies=AnomalyRows(findings.flagged, source.key_columns, encoder, findings.scale),
        columns=_columns(findings),
        fitted=pack_detector(detection.id, detection.algorithm, findings.kept),
    )


def _columns(findings: Findings) -> list[ColumnStatistics]:
    extreme = np.abs(findings.scale.z(findings.flagged.X)) > EXTREME
    anomalies: dict[str, int] = {}
    spread: dict[str, float] = {}
    start = 0
    for column in findings.kept.encoder.columns:
        end = start + len(column.features)
        anomalies[column.name] = int(extreme[:, start:end].any(axis=1).sum())
        if isinstance(column, NumericColumn):
            spread[column.name] = float(findings.scale.spread[start])
        start = end
    return [
        _statistics(profile, anomalies.get(profile.name), spread.get(profile.name))
        for profile in findings.profiles
    ]


def _statistics(
    profile: ColumnProfile, extreme_anomalies: int | None, spread: float | None
) -> ColumnStatistics:
    fields = dict(vars(profile))
    return ColumnStatistics(
        column=fields.pop("name"),
        watched=extreme_anomalies is not None,
        extreme_anomalies=extreme_anomalies or 0,
        spread=spread,
        **fields,
    )
