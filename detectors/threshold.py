"""How the score above which a row is an anomaly is chosen."""

from dataclasses import dataclass
from math import floor
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from detectors.base import Detector
from detectors.clean_twin import draw_clean_twin
from detectors.tabs import Tabs
from detectors.validation import Matrix, Vector

# Where the scores of a table and of its twin are compared: anomalies hardly move these quantiles.
_BODY = (0.4, 0.5, 0.6, 0.75)


class _Policy(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class FalseAlarm(_Policy):
    """Label as few clean rows as you say, however many anomalies there are."""

    model_config = ConfigDict(title="False alarm")

    method: Literal["false_alarm"] = "false_alarm"
    # Below .0005 the 2,000 rows of the smallest clean twin say nothing.
    rate: float = Field(
        default=0.01,
        ge=0.0005,
        le=0.5,
        description="Share of clean rows that may be labelled, from 0.0005 to 0.5.",
    )

    def choose(self, scores: Vector, twin_scores: Vector) -> float:
        """Return the score at which a p-value is ``rate``: rows above have one as small."""
        allowed = floor(self.rate * (len(twin_scores) + 1) + 1e-9)
        return float(twin_scores[-allowed])


class Contamination(_Policy):
    """Label a share of the rows, anomalous or not."""

    model_config = ConfigDict(title="Contamination")

    method: Literal["contamination"] = "contamination"
    share: float = Field(
        default=0.1,
        gt=0,
        le=0.5,
        description="Share of all rows to label; fewer where equal scores cannot be told apart.",
    )

    def choose(self, scores: Vector, twin_scores: Vector) -> float:
        """Return the score that at most ``share`` of ``scores`` exceed."""
        allowed = floor(self.share * len(scores) + 1e-9)
        return float(np.sort(scores)[-allowed - 1])


class Fixed(_Policy):
    """Label the rows above a score you know."""

    model_config = ConfigDict(title="Fixed score")

    method: Literal["fixed"] = "fixed"
    score: float = Field(description="Rows that score higher are labelled.")

    def choose(self, scores: Vector, twin_scores: Vector) -> float:
        """Return ``score``."""
        return self.score


ThresholdPolicy = Annotated[
    FalseAlarm | Contamination | Fixed, Field(discriminator="method"), Tabs()
]


@dataclass(frozen=True)
class ThresholdDecision:
    """A threshold, and what clean rows score.

    Attributes:
        threshold: a row is labelled if its score is greater.
        twin_scores: scores of the clean twin, in ascending order, shape (m,).
    """

    threshold: float
    twin_scores: Vector

    def labels(self, scores: Vector) -> NDArray[np.bool_]:
        """Return which of ``scores`` are above the threshold, shape (n_rows,)."""
        return scores > self.threshold

    def p_values(self, scores: Vector) -> Vector:
        """Return how often a clean row scores as high: (1 + #{twin >= score}) / (m + 1).

        The smallest is 1 / (m + 1). Comparable across detectors, as scores are not.
        """
        m = len(self.twin_scores)
        lower = np.searchsorted(self.twin_scores, scores, side="left").astype(np.float64)
        p_values: Vector = (1 + m - lower) / (m + 1)
        return p_values


def decide_threshold(
    policy: ThresholdPolicy, detector: Detector, X: Matrix, scores: Vector, seed: int
) -> ThresholdDecision:
    """Score a clean twin of the table, and choose the threshold.

    Args:
        policy: how to choose.
        detector: fitted on ``X`` or on a sample of it.
        X: the rows that were scored, shape (n_rows, n_features).
        scores: their decision scores, shape (n_rows,).
        seed: of the twin.

    Raises:
        DetectorError: the detector cannot score the twin.
    """
    twin_scores = detector.decision_function(draw_clean_twin(X, seed))
    twin_scores = _align(twin_scores, scores)
    twin_scores += 1e-9 * (np.abs(twin_scores) + np.median(np.abs(scores)))
    twin_scores = np.sort(twin_scores)
    return ThresholdDecision(policy.choose(scores, twin_scores), twin_scores)


def _align(twin_scores: Vector, scores: Vector) -> Vector:
    """Lower the twin's scores to where the body of the table's scores is.

    Clusters and curved relations leave places empty that a twin puts rows in, so it scores higher
    than clean rows of the table would. By how much, the smallest of several gaps says, for scores
    may lie in two heaps of which only one differs; and no further than from the table's median to
    the nearer quartile, for beyond that the two have little in common.
    """
    gaps = np.quantile(twin_scores, _BODY) - np.quantile(scores, _BODY)
    low, median, high = np.quantile(scores, [0.25, 0.5, 0.75])
    excess = min(float(gaps.min()), float(median - low), float(high - median))
    return twin_scores - max(excess, 0.0)
