"""From what a detector says of a table to what the database keeps of it."""

import numpy as np
import pandas as pd

from detectors.columns import NumericColumn
from detectors.detection import PreparedTable, ScoredTable
from detectors.extremes import EXTREME, RobustScale
from detectors.grading import grade
from detectors.profile import ColumnProfile, profile_table
from detectors.score_summary import QUANTILES, summarise_scores
from models.tables.anomaly import AnomalyRow
from models.tables.column_summary import ColumnStatistics
from models.tables.detection import Histogram
from models.tables.results import DetectionResult
from models.tables.source import Source
from tasks.fitted_detector import KeptDetector, pack_detector
from tasks.rows import row_keys, row_values, standouts


def build_result(
    frame: pd.DataFrame, source: Source, algorithm: str, table: PreparedTable, scored: ScoredTable
) -> DetectionResult:
    """Return everything that is kept of a finished detection.

    Args:
        frame: the source as it was read.
        source: its registry row.
        algorithm: name of the detector.
        table: what was made of it.
        scored: what the detector says.
    """
    scale = RobustScale.fit(table.X)
    summary = summarise_scores(scored.scores)
    grades = None if table.labels is None else grade(scored.scores, table.labels)
    known = None if table.labels is None else int((table.labels == 1).sum())
    found = None if table.labels is None else int((table.labels[scored.flagged] == 1).sum())
    return DetectionResult(
        features=list(table.encoder.names),
        left_out=table.encoder.left_out,
        threshold=scored.decision.threshold,
        clean_rows=len(scored.decision.twin_scores),
        total_rows=len(frame),
        scored_rows=len(table.X),
        score_quantiles={
            f"{at:g}": value for at, value in zip(QUANTILES, summary.quantiles, strict=True)
        },
        score_histogram=Histogram(edges=list(summary.edges), counts=list(summary.counts)),
        fingerprint=table.fingerprint,
        auroc=None if grades is None else grades.auroc,
        average_precision=None if grades is None else grades.average_precision,
        known_anomalies=known,
        found_anomalies=found,
        anomalies=_anomalies(frame, source, table, scored, scale),
        columns=_columns(frame, table, scored, scale),
        fitted=pack_detector(algorithm, KeptDetector.of(table, scored)),
    )


def _anomalies(
    frame: pd.DataFrame,
    source: Source,
    table: PreparedTable,
    scored: ScoredTable,
    scale: RobustScale,
) -> list[AnomalyRow]:
    positions = table.positions[scored.flagged]
    columns = [column.name for column in table.encoder.columns]
    rows = zip(
        positions.tolist(),
        row_keys(frame, source.key_columns, positions),
        scored.scores[scored.flagged].tolist(),
        scored.p_values.tolist(),
        row_values(frame, columns, positions),
        standouts(table.X[scored.flagged], scale, table.encoder.names),
        _known(table, scored),
        strict=True,
    )
    return [
        AnomalyRow(
            row_index=index,
            row_key=key,
            score=score,
            rank=rank,
            p_value=p_value,
            values=values,
            standouts=far_out,
            label=label,
        )
        for rank, (index, key, score, p_value, values, far_out, label) in enumerate(rows, start=1)
    ]


def _known(table: PreparedTable, scored: ScoredTable) -> list[bool | None]:
    if table.labels is None:
        return [None] * len(scored.flagged)
    return [None if np.isnan(x) else bool(x) for x in table.labels[scored.flagged].tolist()]


def _columns(
    frame: pd.DataFrame, table: PreparedTable, scored: ScoredTable, scale: RobustScale
) -> list[ColumnStatistics]:
    extreme = np.abs(scale.z(table.X[scored.flagged])) > EXTREME
    anomalies: dict[str, int] = {}
    spread: dict[str, float] = {}
    start = 0
    for column in table.encoder.columns:
        end = start + len(column.features)
        anomalies[column.name] = int(extreme[:, start:end].any(axis=1).sum())
        if isinstance(column, NumericColumn):
            spread[column.name] = float(scale.spread[start])
        start = end
    return [
        _statistics(profile, anomalies.get(profile.name), spread.get(profile.name))
        for profile in profile_table(frame).columns
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
