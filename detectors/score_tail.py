"""How rare scores are that hardly any row of a reference sample reaches."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from detectors.validation import Vector

COUNTED = 10
"""Scores are counted as long as so many of the reference are as high; the tail begins above."""
# The tail is fitted on this share of the reference scores, and no more of them than that: deep
# enough for the limit to hold, and enough to tell a shape.
_FITTED_SHARE, _MOST_FITTED = 0.1, 1_000
# A heavier tail has no variance, and its shape would be chance.
_HEAVIEST = 0.5
SMALLEST_P = 1e-9
"""Where a tail ends, or is extrapolated further than anybody could check."""


@dataclass(frozen=True)
class ScoreTail:
    """A generalised Pareto distribution of the scores above ``start``.

    The excess over a high threshold tends to it, whatever the scores' own distribution (Balkema and
    de Haan 1974, Pickands 1975); Siffer et al. (2017) set thresholds of anomaly scores by it. It is
    fitted by probability-weighted moments (Hosking and Wallis 1987), and is exponential at least: a
    sample of a table of few rows would otherwise end where these do, and call the highest of them
    one in millions.

    Attributes:
        start: the score from which on it holds.
        share: of clean rows that score above ``start``.
        scale: of the excess, in units of the score, positive.
        shape: positive with a heavy tail, 0 exponential.
    """

    start: float
    share: float
    scale: float
    shape: float

    @classmethod
    def fit(cls, ordered: Vector) -> Self | None:
        """Fit the upper tail of reference scores.

        Args:
            ordered: the scores, ascending, shape (m,).

        Returns:
            The tail; None where the highest scores are equal, which says nothing of higher ones.
        """
        m = len(ordered)
        n_fitted = min(_MOST_FITTED, int(_FITTED_SHARE * m))
        if n_fitted <= COUNTED:
            return None
        threshold, start, highest = (float(ordered[-k]) for k in (n_fitted + 1, COUNTED, 1))
        reach = highest - threshold
        if highest == start or not np.isfinite(reach):
            return None
        excess = (ordered[-n_fitted:] - threshold) / reach
        mean = float(excess.mean())
        above = np.arange(n_fitted - 1, -1, -1) / (n_fitted - 1)
        shape = 2 - mean / (mean - 2 * float(np.mean(above * excess)))
        shape = float(np.clip(shape, 0.0, _HEAVIEST))
        scale = mean * (1 - shape) * reach + shape * (start - threshold)
        n_above = m - int(np.searchsorted(ordered, start, side="right"))
        return cls(start, (1 + n_above) / (m + 1), scale, shape)

    def p_values(self, scores: Vector) -> Vector:
        """Return the share of clean rows that score as high as each of ``scores`` above start."""
        excess = (scores - self.start) / self.scale
        with np.errstate(divide="ignore", over="ignore"):
            if self.shape == 0:
                survival = np.exp(-excess)
            else:
                survival = np.exp(-np.log1p(self.shape * excess) / self.shape)
        p_values: Vector = np.maximum(self.share * survival, SMALLEST_P)
        return p_values

    def score_at(self, p_value: float) -> float:
        """Return the score above which ``p_value``, less than ``share``, of clean rows lie."""
        ratio = np.log(self.share / p_value)
        if self.shape == 0:
            return float(self.start + self.scale * ratio)
        return float(self.start + self.scale * np.expm1(self.shape * ratio) / self.shape)
