"""Alerts of every online detector in streams whose anomalies are known."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.options import Options
from detectors.registry import build_online_detector, online_algorithms
from detectors.validation import Matrix, Vector

# Alerts before this share of a stream, or this row, do not count as false: there is much to learn.
_PROBATION = 0.15
_LONGEST_PROBATION = 750


@dataclass(frozen=True)
class LabelledStream:
    """One series, and when something was odd.

    Attributes:
        values: shape (n, 1).
        timestamps: seconds since 1970, shape (n,).
        windows: first and last moment of each anomaly, shape (n_windows, 2).
    """

    values: Matrix
    timestamps: Vector
    windows: Matrix

    @property
    def inside(self) -> NDArray[np.bool_]:
        """Which rows lie in which window, shape (n_windows, n)."""
        first, last = self.windows[:, :1], self.windows[:, 1:]
        inside: NDArray[np.bool_] = (self.timestamps >= first) & (self.timestamps <= last)
        return inside


def labelled_streams(options: Options) -> pd.DataFrame:
    """Labelled windows with an alert, and alerts outside, with the defaults and no tuning."""
    streams = list(_streams(options.streams))
    return pd.DataFrame(_grade(info.name, streams) for info in online_algorithms())


def _grade(algorithm: str, streams: list[LabelledStream]) -> dict[str, object]:
    windows, found, outside = 0, 0, 0
    for stream in streams:
        detector = build_online_detector(algorithm, 1)
        scores = detector.score_learn_many(stream.values, stream.timestamps)
        alerts = scores > detector.threshold
        alerts[: detector.warm_up] = False
        inside = stream.inside
        windows += len(inside)
        found += int((inside & alerts).any(axis=1).sum())
        probation = min(int(_PROBATION * len(scores)), _LONGEST_PROBATION)
        outside += int((alerts & ~inside.any(axis=0))[probation:].sum())
    return {
        "algorithm": algorithm,
        "threshold": round(detector.threshold, 3),
        "windows": windows,
        "with an alert": found,
        "alerts outside": outside,
    }


def _streams(folder: Path | None) -> Iterator[LabelledStream]:
    if folder is None:
        yield from (_make_stream(seed) for seed in range(6))
        return
    windows = json.loads((folder / "windows.json").read_text())
    for name, pairs in windows.items():
        frame = pd.read_csv(folder / name)
        bounds = [_seconds(pd.Series(pair)) for pair in pairs]
        yield LabelledStream(
            values=frame[["value"]].to_numpy(dtype=np.float64),
            timestamps=_seconds(frame["timestamp"]),
            windows=np.array(bounds).reshape(-1, 2),
        )


def _seconds(moments: pd.Series) -> Vector:
    nanoseconds = pd.to_datetime(moments, utc=True).dt.as_unit("ns").astype("int64")
    return nanoseconds.to_numpy() / 1e9


def _make_stream(seed: int) -> LabelledStream:
    """Make a daily rhythm with noise, a spike, a value between the usual ones, and a flat hour."""
    rng = np.random.default_rng(seed)
    timestamps = 1.7e9 + 300.0 * np.arange(5_000)
    rhythm = np.where(np.sin(timestamps * 2 * np.pi / 86_400) > 0, 60.0, 20.0)
    values = rhythm + rng.normal(size=rhythm.size)
    places = 1_500 + 1_000 * np.arange(3) + rng.integers(0, 500, 3)
    values[places[0]] += 40.0
    values[places[1]] = 40.0
    values[places[2] : places[2] + 12] = 0.0
    windows = timestamps[places][:, None] + [0.0, 3_600.0]
    return LabelledStream(values[:, None], timestamps, windows)
