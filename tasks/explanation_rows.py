"""From contributions to what the database keeps of them."""

from collections.abc import Sequence
from typing import cast

import numpy as np

from detectors.explanation.contributions import Contributions
from detectors.explanation.typical import TypicalRanges
from detectors.features import FeatureEncoder
from detectors.validation import Matrix, Vector
from models.tables.detection import Detection
from models.tables.explanation import ExplanationRow, FeatureContribution
from reports.explanation_facts import ContributionFacts, Direction
from reports.reasons import explanation_sentence
from tasks.fitted_detector import KeptDetector
from tasks.rows_to_explain import RowToExplain


def explanation_rows(
    detection: Detection,
    kept: KeptDetector,
    rows: Sequence[RowToExplain],
    contributions: Contributions,
    background: Matrix,
    seed: int,
    *,
    refitted: bool,
) -> list[ExplanationRow]:
    """Return what is kept of explained rows.

    Args:
        detection: of which they are.
        kept: its detector.
        rows: the rows.
        contributions: theirs, in the same order.
        background: what they were explained against.
        seed: of what was sampled.
        refitted: whether the detector was fitted again.
    """
    typical = TypicalRanges.of(background)
    ordered = np.sort(kept.detector.decision_scores_)
    residual = contributions.residual
    explained = []
    for i, row in enumerate(rows):
        percentile = 100 * float(np.searchsorted(ordered, row.score, side="right")) / len(ordered)
        shares = _of_features(kept.encoder, typical, row, contributions.values[i])
        sentence = explanation_sentence(
            [contribution_facts(share) for share in shares],
            is_anomaly=row.is_anomaly,
            score=row.score,
            threshold=detection.threshold or 0.0,
            percentile=percentile,
        )
        explained.append(
            ExplanationRow(
                row_index=row.row_index,
                row_key=row.row_key,
                is_anomaly=row.is_anomaly,
                score=row.score,
                percentile=percentile,
                quantity=contributions.quantity,
                method=contributions.method,
                base=contributions.base,
                explained=float(contributions.explained[i]),
                residual=float(residual[i]),
                seed=seed,
                background_size=len(background),
                refitted=refitted,
                contributions=shares,
                sentence=sentence,
            )
        )
    return explained


def contribution_facts(stored: FeatureContribution) -> ContributionFacts:
    """Return one feature's contribution as reports take it."""
    return ContributionFacts(
        feature=stored["feature"],
        value=stored["value"],
        encoded=stored["encoded"],
        typical=(stored["typical_low"], stored["typical_high"]),
        direction=cast(Direction, stored["direction"]),
        contribution=stored["contribution"],
    )


def _of_features(
    encoder: FeatureEncoder, typical: TypicalRanges, row: RowToExplain, values: Vector
) -> list[FeatureContribution]:
    features = [(column, name) for column in encoder.columns for name in column.features]
    return [
        FeatureContribution(
            feature=name,
            value=row.values.get(column.name),
            encoded=float(row.x[j]),
            typical_low=float(typical.low[j]),
            typical_high=float(typical.high[j]),
            direction=typical.direction(j, float(row.x[j]), column.kind),
            contribution=float(values[j]),
        )
        for j, (column, name) in enumerate(features)
    ]
