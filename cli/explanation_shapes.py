"""The JSON documents about explanations; docs/cli.md describes them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from cli.shapes import PageShape, Shape
from models.paging import Page
from models.tables.detection import Detection
from models.tables.explanation import Explanation
from tasks.explain_rows import ExplainedRows
from tasks.explanation_facts import importance


class FeatureContributionShape(Shape):
    """What one feature adds to a row's score; ``contribution`` is the size of ``shap_value``."""

    feature: str
    value: Any
    shap_value: float
    contribution: float
    encoded_value: float
    typical_low: float
    typical_high: float
    direction: str


class ExplanationShape(Shape):
    """Why one row has its score; ``feature_contributions`` are the largest of ``feature_count``."""

    detection_id: UUID
    row_index: int
    row_key: str | None
    is_anomaly: bool
    anomaly_score: float
    score_percentile: float
    quantity: str
    method: str
    base_value: float
    explained_value: float
    total_shap: float
    residual: float
    seed: int
    background_size: int
    refitted: bool
    feature_contributions: list[FeatureContributionShape]
    feature_count: int
    summary: str
    created_at: datetime


class FeatureImportanceShape(Shape):
    """How much a feature matters over all rows that were explained."""

    feature: str
    mean_contribution: float


class ExplainedShape(Shape):
    """Rows that were explained together, the highest scores first."""

    detection_id: UUID
    source_name: str
    algorithm: str
    explanations: list[ExplanationShape]
    computed_rows: list[int]
    left_out_rows: dict[int, str]
    feature_importance: list[FeatureImportanceShape]


def explanation_shape(one: Explanation, max_features: int) -> ExplanationShape:
    """Return an explanation with the features that contribute most, whatever their sign."""
    largest = sorted(one.contributions, key=lambda share: -abs(share["contribution"]))
    return ExplanationShape(
        detection_id=one.detection_id,
        row_index=one.row_index,
        row_key=one.row_key,
        is_anomaly=one.is_anomaly,
        anomaly_score=one.score,
        score_percentile=one.percentile,
        quantity=one.quantity,
        method=one.method,
        base_value=one.base,
        explained_value=one.explained,
        total_shap=sum(share["contribution"] for share in one.contributions),
        residual=one.residual,
        seed=one.seed,
        background_size=one.background_size,
        refitted=one.refitted,
        feature_contributions=[
            FeatureContributionShape(
                feature=share["feature"],
                value=share["value"],
                shap_value=share["contribution"],
                contribution=abs(share["contribution"]),
                encoded_value=share["encoded"],
                typical_low=share["typical_low"],
                typical_high=share["typical_high"],
                direction=share["direction"],
            )
            for share in largest[:max_features]
        ],
        feature_count=len(largest),
        summary=one.sentence,
        created_at=one.created_at,
    )


def explanation_page(page: Page[Explanation], max_features: int) -> PageShape[ExplanationShape]:
    """Return a page of explanations."""
    return PageShape(
        items=[explanation_shape(one, max_features) for one in page.items],
        offset=page.offset,
        limit=page.limit,
        total=page.total,
    )


def explained_shape(
    detection: Detection,
    explanations: Sequence[Explanation],
    explained: ExplainedRows,
    max_features: int,
) -> ExplainedShape:
    """Return what a run of ``explain`` left."""
    return ExplainedShape(
        detection_id=detection.id,
        source_name=detection.source_name,
        algorithm=detection.algorithm,
        explanations=[explanation_shape(one, max_features) for one in explanations],
        computed_rows=list(explained.computed),
        left_out_rows=explained.left_out,
        feature_importance=[
            FeatureImportanceShape.model_validate(one)
            for one in importance(explanations)[:max_features]
        ],
    )
