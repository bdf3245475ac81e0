"""Shapes of data that hold no anomaly, to count false alarms on."""

import numpy as np
from numpy.typing import NDArray

from detectors.validation import Matrix


def clean_shapes(n_rows: int, seed: int) -> dict[str, Matrix]:
    """Return tables of ``n_rows`` rows: four of five independent columns, and one of six.

    The six columns are driven by two factors, with noise.
    """
    rng = np.random.default_rng(seed)
    centres = np.where(rng.random(n_rows) < 0.5, -3.0, 3.0)[:, np.newaxis]
    factors, loadings = rng.normal(size=(n_rows, 2)), rng.normal(size=(2, 6))
    return {
        "normal": rng.normal(size=(n_rows, 5)),
        "uniform": rng.uniform(size=(n_rows, 5)),
        "exponential": rng.exponential(size=(n_rows, 5)),
        "two clusters": rng.normal(size=(n_rows, 5)) + centres,
        "two factors": factors @ loadings + 0.3 * rng.normal(size=(n_rows, 6)),
    }


def discrete_shapes(n_rows: int, seed: int) -> dict[str, Matrix]:
    """Return tables in which values repeat: levels, counts, booleans, rounded, repeated rows."""
    rng = np.random.default_rng(seed)
    normal = rng.normal(size=(n_rows, 4))
    distinct = rng.normal(size=(max(1, n_rows // 5), 3))
    few = rng.normal(size=(12, 3))
    tables = {
        "survey": np.column_stack([rng.integers(1, 4, n_rows), rng.random(n_rows) < 0.5]),
        **{f"{k} levels": rng.integers(0, k, (n_rows, 1)) for k in (2, 3, 5, 10)},
        "levels in four columns": rng.integers(0, (2, 3, 5, 10), (n_rows, 4)),
        "small counts": rng.poisson((0.3, 1.0, 3.0), (n_rows, 3)),
        "large counts": rng.poisson((20.0, 100.0, 1000.0), (n_rows, 3)),
        "even booleans": rng.random((n_rows, 5)) < 0.5,
        "rare booleans": rng.random((n_rows, 5)) < (0.005, 0.01, 0.02, 0.05, 0.1),
        "rare booleans together": (rng.random((n_rows, 4)) < 0.7)
        & (rng.random((n_rows, 1)) < 0.05),
        "rare categories": rng.choice(9, (n_rows, 6), p=[0.3, 0.3, 0.36, *([0.04 / 6] * 6)]),
        "rounded": normal.round(),
        "rounded to a tenth": normal.round(1),
        "repeated rows": distinct[rng.integers(0, len(distinct), n_rows)],
        "few distinct rows": few[rng.integers(0, len(few), n_rows)],
        "levels and numbers": np.column_stack([normal[:, :2], rng.integers(0, 3, (n_rows, 2))]),
    }
    return {name: table.astype(np.float64) for name, table in tables.items()}


def sparse_shapes(n_rows: int, seed: int) -> dict[str, Matrix]:
    """Return tables in which one value of a column stands for most rows, or for many."""
    rng = np.random.default_rng(seed)
    normal = rng.normal(10.0 * np.arange(6) + 10, 1.0, (n_rows, 6))
    both = np.where(rng.random((n_rows, 6)) < 0.5, -normal, normal)
    small = rng.exponential(size=(n_rows, 4))

    def filled(share: float, together: bool = False) -> NDArray[np.bool_]:
        return rng.random((n_rows, 1 if together else 6)) < share

    return {
        **{
            f"{share:.0%} filled": _impute(normal, filled(share))
            for share in (0.01, 0.05, 0.1, 0.3)
        },
        "10% filled together": _impute(normal, filled(0.1, True) & filled(1.0)),
        "60% filled together": _impute(normal, filled(0.6, True) & filled(1.0)),
        "90% filled": _impute(normal, filled(0.9)),
        "two sides, 10%": np.where(filled(0.1), both, 0.0),
        "two sides, 30%": np.where(filled(0.3), both, 0.0),
        "mostly zero": np.where(rng.random((n_rows, 4)) < (0.03, 0.1, 0.2, 0.5), small, 0.0),
        "a constant with a few others": np.where(rng.random((n_rows, 3)) < 0.01, 5.0, 1.0),
        "a mixture": np.column_stack(
            [
                _impute(normal, filled(0.05))[:, :2],
                np.where(rng.random(n_rows) < 0.2, small[:, 0], 0.0),
                rng.integers(0, 3, n_rows),
                rng.random(n_rows) < 0.03,
                rng.poisson(4.0, n_rows),
                rng.normal(size=(n_rows, 2)),
            ]
        ),
    }


def heavy_shapes(n_rows: int, seed: int) -> dict[str, Matrix]:
    """Return tables of five columns whose tails are heavier than exponential."""
    rng = np.random.default_rng(seed)
    return {
        "Student t, 3 degrees": rng.standard_t(3, (n_rows, 5)),
        "lognormal": rng.lognormal(size=(n_rows, 5)),
    }


def _impute(values: Matrix, is_filled: NDArray[np.bool_]) -> Matrix:
    """Put the median of what is filled in place of what is not."""
    medians = [
        np.median(column[rows]) if rows.any() else 0.0
        for column, rows in zip(values.T, np.broadcast_to(is_filled, values.shape).T, strict=True)
    ]
    return np.where(is_filled, values, medians)
