"""Tables of eight columns, and detectors fitted on them."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from detectors.base import Detector
from detectors.registry import build_detector
from detectors.validation import Matrix

N_FEATURES = 8
SKEWED = range(4, N_FEATURES)

# Smaller than by default: explaining takes time in proportion, and what is tested does not change.
_SMALL_MODELS = {"isolation_forest": {"n_estimators": 100}, "inne": {"n_estimators": 60}}


def draw_rows(n_rows: int, seed: int) -> Matrix:
    """Related columns: four normal, then four with a long tail to the right."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n_rows, N_FEATURES)) + rng.normal(size=(n_rows, 1)) / 2
    rows[:, SKEWED] = np.exp(rows[:, SKEWED] / 2)
    return rows


@cache
def training_rows() -> Matrix:
    rows = draw_rows(400, seed=0)
    rows.setflags(write=False)
    return rows


@cache
def fitted(algorithm: str) -> Detector:
    config = {"algorithm": algorithm, **_SMALL_MODELS.get(algorithm, {})}
    return build_detector(config, seed=3).fit(training_rows())


def plant_outliers(n_rows: int, seed: int, columns: range) -> tuple[Matrix, NDArray[np.int64]]:
    """Rows ordinary in all columns but one of ``columns``; return rows and the columns planted in.

    Normal columns are low or high, skewed ones high.
    """
    rng = np.random.default_rng(seed)
    ordinary = np.quantile(training_rows(), [0.05, 0.95], axis=0)
    rows = np.clip(draw_rows(n_rows, seed), *ordinary)
    planted = rng.choice(columns, n_rows)
    side = np.where(np.isin(planted, SKEWED), 1, rng.choice([-1, 1], n_rows))
    far = 8 * side * training_rows().std(axis=0)[planted]
    rows[np.arange(n_rows), planted] = training_rows().mean(axis=0)[planted] + far
    return rows, planted
