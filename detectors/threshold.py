"""How the score above which a row is an anomaly is chosen."""

from dataclasses import dataclass
from functools import cached_property
from math import ceil, floor
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from detectors.base import Detector
from detectors.clean_twin import draw_clean_twin
from detectors.score_tail import COUNTED, ScoreTail
from detectors.tabs import Tabs
from detectors.validation import Matrix, Vector

# Where scores of a table and of its reference are compared: anomalies hardly move these quantiles.
_BODY = (0.4, 0.5, 0.6, 0.75)
# Relative difference at which two scores count as equal.
_ROUNDING = 1e-9


class _Policy(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class FalseAlarm(_Policy):
    """Label as few clean rows as you say, however many anomalies there are."""

    model_config = ConfigDict(title="False alarm")

    method: Literal["false_alarm"] = "false_alarm"
    rate: float = Field(
        default=0.01,
        ge=1e-6,
        le=0.5,
        description="Share of clean rows that may be labelled, from 0.000001 to 0.5; up to twice "
        "as many are where columns are heavy-tailed, more where a curve binds them.",
    )

    def choose(self, scores: Vector, twin_scores: Vector) -> float:
        """Return the score at which a p-value is ``rate``: rows above have one as small.

        Where clean scores tie at the top, no row has one smaller than 1 / (m + 1): for a smaller
        rate the highest score is returned, and no row labelled.
        """
        tail = ScoreTail.fit(twin_scores)
        if tail is not None and self.rate < tail.share:
            return tail.score_at(self.rate)
        allowed = floor(self.rate * (len(twin_scores) + 1) + 1e-9)
        if allowed == 0:
            return float(max(scores.max(), twin_scores[-1]))
        return float(twin_scores[-allowed])

    @property
    def reference_rows(self) -> int:
        """How many rows of the reference it takes to count the rate rather than extrapolate it."""
        return ceil(COUNTED / self.rate)


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
        twin_scores: scores of the reference sample, in ascending order, shape (m,).
    """

    threshold: float
    twin_scores: Vector

    @cached_property
    def tail(self) -> ScoreTail | None:
        """Of the reference scores; None where they tie at the top."""
        return ScoreTail.fit(self.twin_scores)

    def labels(self, scores: Vector) -> NDArray[np.bool_]:
        """Return which of ``scores`` are above the threshold, shape (n_rows,)."""
        return scores > self.threshold

    def p_values(self, scores: Vector) -> Vector:
        """Return how often a clean row scores as high: (1 + #{reference >= score}) / (m + 1).

        Above all but the highest of the reference scores it follows from their ``tail``, down to
        1e-9. Where these tie the smallest is 1 / (m + 1). Comparable across detectors, as scores
        are not.
        """
        m = len(self.twin_scores)
        lower = np.searchsorted(self.twin_scores, scores, side="left").astype(np.float64)
        p_values: Vector = (1 + m - lower) / (m + 1)
        if self.tail is not None:
            beyond = scores > self.tail.start
            p_values[beyond] = self.tail.p_values(scores[beyond])
        return p_values


def decide_threshold(
    policy: ThresholdPolicy, detector: Detector, X: Matrix, scores: Vector, seed: int
) -> ThresholdDecision:
    """Score a reference sample of clean rows like the table's, and choose the threshold.

    Args:
        policy: how to choose.
        detector: fitted on ``X`` or on a sample of it.
        X: the rows that were scored, shape (n_rows, n_features).
        scores: their decision scores, shape (n_rows,).
        seed: of the reference sample.

    Raises:
        DetectorError: the detector cannot score the reference sample.
    """
    least = policy.reference_rows if isinstance(policy, FalseAlarm) else 0
    reference = draw_clean_twin(X, seed, least)
    twin_scores = _align(detector.decision_function(reference), scores)
    # Equal rows score alike but for rounding, which must not break a tie in favour of the table.
    twin_scores += _ROUNDING * (np.abs(twin_scores) + np.median(np.abs(scores)))
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
