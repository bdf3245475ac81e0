"""From what the database keeps of explanations to what their report says."""

import shlex
from collections.abc import Sequence
from typing import cast

import numpy as np

from detectors.explanation.contributions import is_exact
from detectors.registry import parse_config
from models.tables.anomaly import Anomaly
from models.tables.detection import Detection
from models.tables.explanation import Explanation
from models.tables.source import Source
from reports.explanation_facts import (
    ExplainedRow,
    ExplanationCommands,
    ExplanationMethod,
    ExplanationReport,
    FeatureImportance,
    Quantity,
    RowLeftOut,
)
from tasks.explain_rows import ExplainedRows
from tasks.explanation_rows import contribution_facts
from tasks.report_facts import key_facts
from tasks.versions import software_versions


def explanation_report(
    detection: Detection,
    source: Source,
    explanations: Sequence[Explanation],
    anomalies: Sequence[Anomaly],
    explained: ExplainedRows,
    max_features: int,
) -> ExplanationReport:
    """Return the report of rows that were explained in one way.

    Args:
        detection: of which they are.
        source: its source.
        explanations: at least one, in the order in which they are shown.
        anomalies: those of the rows that are some.
        explained: how they came to be.
        max_features: features named for each row.
    """
    ranks = {anomaly.row_index: anomaly.rank for anomaly in anomalies}
    return ExplanationReport(
        source=detection.source_name,
        detection_id=str(detection.id),
        detector=parse_config(detection.detector).display_name,
        threshold=detection.threshold or 0.0,
        seconds=explained.seconds,
        method=_method(explanations[0]),
        rows=tuple(
            _row(one, source, ranks.get(one.row_index), one.row_index not in explained.computed)
            for one in explanations
        ),
        importance=importance(explanations),
        commands=_commands(detection, explanations),
        left_out=tuple(RowLeftOut(str(row), why) for row, why in explained.left_out.items()),
        parameters=detection.detector,
        versions=software_versions(),
        max_features=max_features,
    )


def importance(explanations: Sequence[Explanation]) -> tuple[FeatureImportance, ...]:
    """Return the mean size of each feature's contributions, the most important first."""
    features = [share["feature"] for share in explanations[0].contributions]
    values = np.array(
        [[share["contribution"] for share in one.contributions] for one in explanations]
    )
    means = np.abs(values).mean(axis=0)
    return tuple(
        FeatureImportance(features[j], float(means[j]))
        for j in np.argsort(-means, kind="stable").tolist()
    )


def _method(explanation: Explanation) -> ExplanationMethod:
    reason = "it was too large to be stored, or is pruned; its source has not changed"
    return ExplanationMethod(
        quantity=cast(Quantity, explanation.quantity),
        words=explanation.method,
        exact=is_exact(explanation.method),
        background_rows=explanation.background_size,
        seed=explanation.seed,
        refitted=reason if explanation.refitted else None,
    )


def _row(
    explanation: Explanation, source: Source, rank: int | None, from_cache: bool
) -> ExplainedRow:
    return ExplainedRow(
        row=explanation.row_index,
        is_anomaly=explanation.is_anomaly,
        score=explanation.score,
        percentile=explanation.percentile,
        base=explanation.base,
        explained=explanation.explained,
        residual=explanation.residual,
        sentence=explanation.sentence,
        contributions=tuple(contribution_facts(share) for share in explanation.contributions),
        key=key_facts(explanation.row_key, source),
        rank=rank,
        from_cache=from_cache,
    )


def _commands(detection: Detection, explanations: Sequence[Explanation]) -> ExplanationCommands:
    rows = [word for one in explanations for word in ("--row", str(one.row_index))]
    method = explanations[0]
    options = ["--background", str(method.background_size), "--seed", str(method.seed)]
    return ExplanationCommands(
        show=f"vigil explanations list {detection.id}",
        explain=shlex.join(["vigil", "explain", str(detection.id), *rows, *options, "--refresh"]),
        detection=f"vigil detections show {detection.id}",
    )
