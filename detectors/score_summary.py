"""The distribution of scores, small enough to keep with every detection."""

from dataclasses import dataclass

import numpy as np

from detectors.validation import Vector

QUANTILES = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)
_BINS = 60
_LONG_TAIL = 30.0  # interquartile ranges


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
    edges = histogram_edges(np.quantile(scores, [0.25, 0.5, 0.75]), low, high)
    # Scores of one value far from zero cannot be told apart by edges half a unit away.
    if not (np.diff(edges) > 0).all():
        edges = np.array([np.nextafter(low, -np.inf), np.nextafter(high, np.inf)])
    counts, _ = np.histogram(scores, edges)
    return ScoreSummary(
        tuple(np.quantile(scores, QUANTILES).tolist()),
        tuple(edges.tolist()),
        tuple(counts.tolist()),
    )


def histogram_edges(quartiles: Vector, low: float, high: float) -> Vector:
    """Return bins of equal size, or, where a tail is long, bins that grow towards its end.

    One score of a million would otherwise leave all others in one bin.

    Args:
        quartiles: of the scores, shape (3,).
        low: the lowest score.
        high: the highest.
    """
    lower, median, upper = quartiles.tolist()
    unit = upper - lower or 1.0
    with np.errstate(over="ignore"):
        below, above = (low - median) / unit, (high - median) / unit
    if upper == lower or not _LONG_TAIL < max(-below, above) < np.inf:
        return np.linspace(low, high, _BINS + 1)
    steps = np.linspace(np.arcsinh(below), np.arcsinh(above), _BINS + 1)
    edges: Vector = median + unit * np.sinh(steps)
    edges[[0, -1]] = low, high
    return edges
