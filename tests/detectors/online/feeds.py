"""Feeds that online detectors must cope with."""

import numpy as np

from detectors.validation import Matrix, Vector

EVERY = 600.0  # seconds between two rows


def times(n: int) -> Vector:
    """Timestamps of ``n`` rows, ten minutes apart."""
    return 1.7e9 + EVERY * np.arange(n)


def noise(n: int, n_columns: int = 2, seed: int = 0) -> Matrix:
    """Independent normal columns, of different units."""
    units = 10.0 ** np.arange(n_columns)
    values: Matrix = 50 * units + np.random.default_rng(seed).normal(size=(n, n_columns)) * units
    return values


def eventful(n: int = 900) -> Matrix:
    """Noise with spikes, gaps, equal values, a giant and a new level."""
    rows = noise(n)
    rows[300] += [15.0, 150.0]
    rows[320:330, 0] = np.nan
    rows[340:343] = np.nan
    rows[400:460] = rows[400]
    rows[500, 1] = 1e300
    rows[620:] += [30.0, 300.0]
    return rows


def awkward(n: int = 700) -> dict[str, Matrix]:
    """Feeds by what is odd about them."""
    rng = np.random.default_rng(1)
    rows = noise(n)
    steps = np.repeat(rng.normal(size=(n // 50, 2)), 50, axis=0)
    return {
        "equal": np.full((n, 2), 4.2),
        "zeros": np.zeros((n, 2)),
        "equal but for one": np.where(np.arange(n)[:, None] == n - 50, 5.0, np.full((n, 2), 4.2)),
        "a jitter of the last digit": 0.3 + np.spacing(0.3) * rng.integers(0, 2, (n, 2)),
        "steps": steps,
        "jumps to 1e300": np.where(rng.random((n, 2)) < 0.05, 1e300, rows),
        "jumps to infinity": np.where(rng.random((n, 2)) < 0.05, -np.inf, rows),
        "around 1e300": rows * 1e298,
        "both signs of 1e300": np.where(rng.random((n, 2)) < 0.5, 1e300, -1e300),
        "around 1e-300": rows * 1e-302,
        "1e300 and 1e-300": np.where(rng.random((n, 2)) < 0.5, 1e300, 1e-300),
        "growing without end": np.exp(np.linspace(0, 700, 2 * n)).reshape(n, 2),
        "gaps": np.where(rng.random((n, 2)) < 0.3, np.nan, rows),
        "missing": np.full((n, 2), np.nan),
        "missing until late": np.where(np.arange(n)[:, None] < n - 300, np.nan, rows),
        "dates in seconds": 1.7e9 + rows * 1e-3,
    }
