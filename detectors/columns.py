"""How one column of a table becomes one or more numeric features."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from detectors.errors import DetectorError
from detectors.validation import Matrix, Vector

Mask = NDArray[np.bool_]

_LARGEST = float(np.finfo(np.float64).max)
_MISSING = "\0missing"
# What databases and JSON hand over where a column of numbers or booleans has gaps.
_NUMERIC_OBJECTS = {"boolean", "integer", "floating", "mixed-integer-float", "decimal"}
_CIRCLE_TERMS = ("hour_sin", "hour_cos", "weekday_sin", "weekday_cos")

CONSTANT = "the same value in every row"


@dataclass(frozen=True)
class NumericColumn:
    """A number or boolean, as it is.

    Attributes:
        median: what stands in for a missing value.
        below: what stands in for minus infinity, beyond the smallest finite value.
        above: what stands in for plus infinity, beyond the largest.
    """

    kind: ClassVar[str] = "numeric"
    name: str
    median: float
    below: float
    above: float

    @classmethod
    def fit(cls, series: pd.Series) -> Self | str:
        """Learn from ``series``; a text says why it cannot be a feature."""
        values = to_floats(series)
        finite = values[np.isfinite(values)]
        if not finite.size:
            return "no finite values"
        low, high = float(finite.min()), float(finite.max())
        if low == high and not np.isinf(values).any():
            return CONSTANT
        span = min(high - low, _LARGEST) or max(abs(high), 1.0)
        return cls(
            name=str(series.name),
            median=float(np.median(finite / 2) * 2),
            below=max(low - span, -_LARGEST),
            above=min(high + span, _LARGEST),
        )

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the features, one."""
        return (self.name,)

    def encode(self, series: pd.Series) -> tuple[Matrix, Mask]:
        """Return features, shape (n_rows, 1), and which rows were missing, shape (n_rows,)."""
        values = to_floats(series)
        missing = np.isnan(values)
        values = np.nan_to_num(values, nan=self.median, posinf=self.above, neginf=self.below)
        return values[:, np.newaxis], missing


@dataclass(frozen=True)
class CategoryColumn:
    """A category, as the share of the fitted rows that have it; an unseen one is 0.

    A missing value is a category of its own.
    """

    kind: ClassVar[str] = "categorical"
    name: str
    shares: dict[str, float]

    @classmethod
    def fit(cls, series: pd.Series) -> Self | str:
        """Count the categories of ``series``; a text says why it cannot be a feature."""
        shares = _categories(series).value_counts(normalize=True)
        if len(shares) == 1:
            return CONSTANT
        return cls(str(series.name), {str(key): float(share) for key, share in shares.items()})

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the features, one."""
        return (self.name,)

    def encode(self, series: pd.Series) -> tuple[Matrix, Mask]:
        """Return features, shape (n_rows, 1), and which rows were missing, shape (n_rows,)."""
        shares = to_floats(_categories(series).map(self.shares).astype(float).fillna(0.0))
        return shares[:, np.newaxis], series.isna().to_numpy(dtype=bool)


@dataclass(frozen=True)
class DatetimeColumn:
    """A moment, as its place in the day and in the week, each a point on a circle.

    A missing moment is the centre of the circle. Terms that do not vary, such as the hour of
    daily data, are left out.
    """

    kind: ClassVar[str] = "datetime"
    name: str
    terms: tuple[str, ...]

    @classmethod
    def fit(cls, series: pd.Series) -> Self | str:
        """Choose the terms that vary; a text says why none can be a feature."""
        moments = as_datetimes(series)
        if moments is None:
            return f"not dates ({series.dtype})"
        circles = _circles(moments)
        varies = np.ptp(circles, axis=0) > 1e-12
        terms = tuple(t for t, kept in zip(_CIRCLE_TERMS, varies, strict=True) if kept)
        return cls(str(series.name), terms) if terms else CONSTANT

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the features, at most four."""
        return tuple(f"{self.name}:{term}" for term in self.terms)

    def encode(self, series: pd.Series) -> tuple[Matrix, Mask]:
        """Return features, shape (n_rows, n_terms), and which rows were missing, (n_rows,)."""
        moments = as_datetimes(series)
        if moments is None:
            raise DetectorError(
                f"column {self.name!r} held dates when the detector was fitted, "
                f"now it holds {series.dtype}: convert it back"
            )
        wanted = [_CIRCLE_TERMS.index(term) for term in self.terms]
        return _circles(moments)[:, wanted], moments.isna().to_numpy(dtype=bool)


FeatureColumn = NumericColumn | CategoryColumn | DatetimeColumn


def is_number(series: pd.Series) -> bool:
    """Whether ``series`` holds numbers, booleans or durations, missing values apart."""
    if series.dtype == object:
        return pd.api.types.infer_dtype(series, skipna=True) in _NUMERIC_OBJECTS
    if pd.api.types.is_complex_dtype(series):
        return False
    return pd.api.types.is_numeric_dtype(series) or pd.api.types.is_timedelta64_dtype(series)


def to_floats(series: pd.Series) -> Vector:
    """Return numbers, booleans or durations (in seconds) as float64, missing as NaN."""
    if pd.api.types.is_timedelta64_dtype(series):
        series = series.dt.total_seconds()
    values: Vector = series.to_numpy(dtype=np.float64, na_value=np.nan)
    return values


def as_datetimes(series: pd.Series) -> pd.Series | None:
    """Return ``series`` as datetimes; None when it holds anything but dates in ISO 8601."""
    if pd.api.types.is_datetime64_any_dtype(series):
        return series
    if is_number(series) or not series.notna().any():
        return None
    try:
        moments = pd.to_datetime(series, format="ISO8601", utc=True)
    except (ValueError, TypeError):
        return None
    # Empty text is read as a missing moment, but it is a category like any other.
    return moments if moments.isna().equals(series.isna()) else None


def numeric_text(series: pd.Series) -> tuple[int, str] | None:
    """Return the first row of a text column that keeps it from being numeric, and its value.

    None unless at least half of the values are numbers written as text.
    """
    values = series.dropna().astype(str)
    numbers = pd.to_numeric(values, errors="coerce")
    if not len(values) or numbers.notna().mean() < 0.5:
        return None
    odd = values[numbers.isna()]
    if not len(odd):
        return None
    return int(odd.index[0]), str(odd.iloc[0])[:40]


def _categories(series: pd.Series) -> pd.Series:
    return series.astype(object).where(series.notna(), _MISSING).astype(str)


def _circles(moments: pd.Series) -> Matrix:
    hour = (moments.dt.hour + moments.dt.minute / 60).to_numpy(np.float64) / 24
    weekday = (moments.dt.day_of_week.to_numpy(np.float64) + hour) / 7
    turns = 2 * np.pi * np.column_stack([hour, hour, weekday, weekday])
    circles: Matrix = np.where([True, False, True, False], np.sin(turns), np.cos(turns))
    return np.nan_to_num(circles, nan=0.0)
