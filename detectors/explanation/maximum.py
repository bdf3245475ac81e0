"""Shapley values of the largest of one term per column."""

import numpy as np

from detectors.validation import Matrix, Vector


def maximum_contributions(terms: Matrix, background_terms: Matrix) -> Matrix:
    """Return exact contributions to the largest term of each row, shape of ``terms``.

    Args:
        terms: of the rows to explain, shape (n_rows, n_features).
        background_terms: of the background, shape (n_background, n_features).
    """
    return np.array([_contributions_of_row(row, background_terms) for row in terms])


def _contributions_of_row(row: Vector, background: Matrix) -> Vector:
    """Average over the background.

    A maximum is the measure of the levels that some term reaches. At a level that the row reaches
    in ``p`` columns, a background row in ``n`` others and both in none, a coalition fails to reach
    it when it holds all of the ``n`` and none of the ``p``; the Shapley values of that game are
    n! (p - 1)! / (n + p)! for each of the ``p``, and -p! (n - 1)! / (n + p)! for each of the ``n``.
    They hold from one term to the next lower one, and add up along the levels below a term.
    """
    from scipy.special import beta

    higher = np.maximum(row, background)
    order = np.argsort(-higher, axis=1)
    is_rise = np.take_along_axis(row > background, order, axis=1)
    # Levels that both reach in some column change nothing.
    floor = np.minimum(row, background).max(axis=1, keepdims=True)
    levels = np.maximum(np.take_along_axis(higher, order, axis=1), floor)
    heights = levels - np.column_stack([levels[:, 1:], floor])
    n_rises = is_rise.cumsum(axis=1)
    n_falls = (~is_rise).cumsum(axis=1)
    rise = heights * beta(n_falls + 1, np.maximum(n_rises, 1))
    fall = heights * beta(n_rises + 1, np.maximum(n_falls, 1))
    contributions = np.empty_like(background)
    ordered = np.where(is_rise, _sum_below(rise), -_sum_below(fall))
    np.put_along_axis(contributions, order, ordered, axis=1)
    mean: Vector = contributions.mean(axis=0)
    return mean


def _sum_below(values: Matrix) -> Matrix:
    """Sum each value and those after it along a row."""
    sums: Matrix = values[:, ::-1].cumsum(axis=1)[:, ::-1]
    return sums
