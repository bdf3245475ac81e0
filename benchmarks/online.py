"""Rows a second of the online detectors, beside river's."""

from collections.abc import Mapping
from functools import partial
from time import perf_counter

import numpy as np
import pandas as pd
from river.anomaly import HalfSpaceTrees, StandardAbsoluteDeviation

from benchmarks.options import Options
from benchmarks.timing import best_seconds
from detectors.registry import build_online_detector
from detectors.validation import Matrix

_EVERY = 60.0  # seconds between two rows
_PAGE = 10_000
_WARM_UP = 5_000
_CHOICES: tuple[dict[str, str | int], ...] = (
    {"algorithm": "value_gap"},
    {"algorithm": "rolling_zscore"},
    {"algorithm": "ewma"},
    {"algorithm": "windowed_isolation_forest"},
    {"algorithm": "half_space_trees", "n_trees": 25, "height": 8, "window": 250},
    {"algorithm": "rrcf", "n_trees": 40, "window": 256},
)


def online(options: Options) -> pd.DataFrame:
    """Rows a second, one column, one thread; ours by pages of 10,000, river's one row at a time."""
    n_rows = 20_000 if options.quick else 200_000
    values = np.random.default_rng(0).normal(size=(n_rows, 1))
    few = values[: n_rows // 20, 0]
    deviation = len(few) / best_seconds(partial(_standard_deviation, few.tolist()), 3)
    scaled = (few - few.min()) / np.ptp(few)
    half_spaces = len(few) / best_seconds(partial(_half_spaces, scaled.tolist()), 2)
    peers = {
        "rolling_zscore": ("StandardAbsoluteDeviation", deviation),
        "ewma": ("StandardAbsoluteDeviation", deviation),
        "half_space_trees": ("HalfSpaceTrees, on values from 0 to 1", half_spaces),
    }
    rows = []
    for choice in _CHOICES:
        ours = _rows_per_second(choice, values)
        row = {"algorithm": choice["algorithm"], "rows/s": f"{ours:,.0f}", "river": ""}
        if choice["algorithm"] in peers:
            name, theirs = peers[str(choice["algorithm"])]
            row |= {"river": name, "its rows/s": f"{theirs:,.0f}"}
            row["times as fast"] = f"{ours / theirs:.1f}"
        rows.append(row)
    return pd.DataFrame(rows).fillna("")


def _rows_per_second(choice: Mapping[str, str | int], values: Matrix) -> float:
    timestamps = 1.7e9 + _EVERY * np.arange(len(values))
    detector = build_online_detector(choice, 1)
    # Compiled, and with full windows, before the clock runs.
    detector.score_learn_many(values[:_WARM_UP], timestamps[:_WARM_UP])
    start = perf_counter()
    for first in range(_WARM_UP, len(values), _PAGE):
        page = slice(first, first + _PAGE)
        detector.score_learn_many(values[page], timestamps[page])
    return (len(values) - _WARM_UP) / (perf_counter() - start)


def _standard_deviation(values: list[float]) -> None:
    model = StandardAbsoluteDeviation()
    for value in values:
        model.score_one(None, value)
        model.learn_one(None, value)


def _half_spaces(values: list[float]) -> None:
    model = HalfSpaceTrees(n_trees=25, height=8, window_size=250, seed=0)
    for value in values:
        model.score_one({"value": value})
        model.learn_one({"value": value})
