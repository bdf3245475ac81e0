"""Five shapes of data that hold no anomaly, to count false alarms on."""

import numpy as np

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
