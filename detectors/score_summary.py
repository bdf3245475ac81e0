"""The distribution of scores, small enough to keep with every detection."""

from dataclasses import dataclass

import numpy as np

from detectors.validation import Vector

QUANTILES = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)
_BINS = 60


@dataclass(frozen=True)
class ScoreSummary:
    """Quantiles and a histogram of scores.

    Attributes:
        quantiles: score at each of ``QUANTILES``.
        edges: bin edges, one more than ``counts``.
        counts: rows in each bin.
    """

    quantiles: tuple[float, ...]
    edges: tuple[float, ...]
    counts: tuple[int, ...]


def summarise_scores(scores: Vector) -> ScoreSummary:
    """Summarise finite ``scores``, shape (n_rows,)."""
    low, high = float(scores.min()), float(scores.max())
    if low == high:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low, high, _BINS + 1)
    # Scores of one value far from zero cannot be told apart by edges half a unit away.
    if not (np.diff(edges) > 0).all():
        edges = np.array([np.nextafter(low, -np.inf), np.nextafter(high, np.inf)])
    counts, _ = np.histogram(scores, edges)
    return ScoreSummary(
        tuple(np.quantile(scores, QUANTILES).tolist()),
        tuple(edges.tolist()),
        tuple(counts.tolist()),
    )
