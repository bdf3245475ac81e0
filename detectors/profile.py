"""What a table holds, column by column, before any detector looks at it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from detectors.scaling import column_median
from detectors.series import is_constant, is_number, to_floats
from detectors.validation import Vector


@dataclass(frozen=True)
class ColumnProfile:
    """One column; the statistics are over its finite numbers, None where there are none.

    Attributes:
        estimated: whether the median is that of a sample.
        std: the sample's standard deviation (divided by one less than the number); None for one.
        missing: number of missing values.
        infinite: number of infinite values.
        note: what a person should know about the values, else None.
    """

    name: str
    dtype: str
    missing: int
    infinite: int = 0
    constant: bool = False
    mean: float | None = None
    std: float | None = None
    minimum: float | None = None
    median: float | None = None
    estimated: bool = False
    maximum: float | None = None
    note: str | None = None


@dataclass(frozen=True)
class TableProfile:
    """A table as it was read."""

    n_rows: int
    columns: tuple[ColumnProfile, ...]


def profile_table(frame: pd.DataFrame) -> TableProfile:
    """Count and summarise the columns of ``frame``."""
    return TableProfile(len(frame), tuple(_profile(frame[name]) for name in frame.columns))


def _profile(series: pd.Series) -> ColumnProfile:
    name, dtype = str(series.name), str(series.dtype)
    if not is_number(series):
        missing = int(series.isna().sum())
        return ColumnProfile(name, dtype, missing, constant=is_constant(series))
    values = to_floats(series)
    missing, infinite = int(np.isnan(values).sum()), int(np.isinf(values).sum())
    finite = values[np.isfinite(values)]
    if not finite.size:
        return ColumnProfile(name, dtype, missing, infinite)
    low, high = float(finite.min()), float(finite.max())
    scale = max(abs(low), abs(high)) or 1.0
    scaled = finite / scale
    return ColumnProfile(
        name,
        dtype,
        missing,
        infinite,
        constant=low == high,
        mean=float(scaled.mean() * scale),
        std=_sample_std(scaled, scale),
        minimum=low,
        median=float(column_median(finite)),
        maximum=high,
        note=date_note(are_dates(finite)),
    )


def _sample_std(scaled: Vector, scale: float) -> float | None:
    """Return the standard deviation of ``scaled * scale``, at most the largest float."""
    if len(scaled) < 2:
        return None
    return min(float(scaled.std(ddof=1)) * scale, float(np.finfo(np.float64).max))


def are_dates(finite: Vector) -> bool:
    """Whether numbers, at least one, are all calendar dates written as YYYYMMDD."""
    if finite.min() < 19000101 or finite.max() > 21001231 or (finite % 1).any():
        return False
    month, day = np.divmod(np.mod(finite, 10_000), 100)
    return bool(month.min() >= 1 and month.max() <= 12 and day.min() >= 1 and day.max() <= 31)


def date_note(dates: bool) -> str | None:
    """Return what a person should know of numbers that are all dates."""
    if not dates:
        return None
    return "dates written as numbers (YYYYMMDD): convert them, or leave the column out"
