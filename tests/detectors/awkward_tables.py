"""Tables that break detectors: degenerate, repeated, extreme."""

import numpy as np

from detectors.validation import Matrix


def awkward_tables() -> dict[str, Matrix]:
    """Return small tables by what is odd about them."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(200, 4))
    signs = np.where(rng.random(rows.shape) < 0.5, -1.0, 1.0)
    return {
        "one row": rows[:1],
        "two rows": rows[:2],
        "fewer rows than neighbours": rows[:5],
        "more columns than rows": rng.normal(size=(20, 40)),
        "one column": rows[:, :1],
        "equal rows": np.full((50, 3), 4.2),
        "two different rows": np.repeat(rows[:2], 50, axis=0),
        "a constant column": np.column_stack([rows, np.full(200, 7.3)]),
        "a column twice": np.column_stack([rows, rows[:, 0]]),
        "columns that add up": np.column_stack([rows, rows.sum(axis=1)]),
        "few distinct values": rng.integers(0, 3, size=(200, 4)).astype(float),
        "nearly all zeros": np.where(rng.random(rows.shape) < 0.95, 0.0, rows),
        "dates in seconds": 1.7e9 + rows * 1e-3,
        "a cell of 1e300": _with_cell(rows, 1e300),
        "a cell of -1e300": _with_cell(rows, -1e300),
        "the largest float": _with_cell(rows, np.finfo(np.float64).max),
        "1e300 once in each column": np.where(np.eye(200, 4) > 0, 1e300, rows),
        "values around 1e300": rows * 1e300,
        "values around 1e-300": rows * 1e-300,
        "columns of 1e300 and of 1e-300": np.column_stack([rows * 1e300, rows * 1e-300]),
        "1e300 and 1e-300 in one column": np.where(rng.random(rows.shape) < 0.5, 1e300, 1e-300),
        "the largest floats of both signs": signs * np.finfo(np.float64).max,
        "equal rows of 1e300": np.full((50, 3), 1e300),
        "equal rows of 1e-300": np.full((50, 3), 1e-300),
    }


def _with_cell(rows: Matrix, value: float) -> Matrix:
    table = rows.copy()
    table[17, 2] = value
    return table
