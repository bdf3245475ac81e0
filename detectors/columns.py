"""How one column of a table becomes one or more numeric features."""

from dataclasses import dataclass
from typing import ClassVar, Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from detectors.errors import DetectorError
from detectors.scaling import column_median
from detectors.series import as_datetimes, read_numbers, to_floats
from detectors.validation import Matrix

Mask = NDArray[np.bool_]

_LARGEST = float(np.finfo(np.float64).max)
_MISSING = "\0missing"
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

    kind: ClassVar[Literal["numeric"]] = "numeric"
    name: str
    median: float
    below: float
    above: float

    @classmethod
    def fit(cls, series: pd.Series) -> Self | str:
        """Learn from ``series``; a text says why it cannot be a feature."""
        values = read_numbers(series)
        finite = values[np.isfinite(values)]
        if not finite.size:
            return "no finite values"
        low, high = float(finite.min()), float(finite.max())
        if low == high and not np.isinf(values).any():
            return CONSTANT
        return cls.spanning(str(series.name), float(column_median(finite)), low, high)

    @classmethod
    def spanning(cls, name: str, median: float, low: float, high: float) -> Self:
        """Return a column of which the median and the finite range are known."""
        span = min(high - low, _LARGEST) or max(abs(high), 1.0)
        return cls(name, median, max(low - span, -_LARGEST), min(high + span, _LARGEST))

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the features, one."""
        return (self.name,)

    def encode(self, series: pd.Series) -> tuple[Matrix, Mask]:
        """Return features, shape (n_rows, 1), and which rows were missing, shape (n_rows,)."""
        values = read_numbers(series)
        missing = np.isnan(values)
        values = np.nan_to_num(values, nan=self.median, posinf=self.above, neginf=self.below)
        return values[:, np.newaxis], missing


@dataclass(frozen=True)
class CategoryColumn:
    """A category, as the share of the fitted rows that have it; an unseen one is 0.

    A missing value is a category of its own.
    """

    kind: ClassVar[Literal["categorical"]] = "categorical"
    name: str
    shares: dict[str, float]

    @classmethod
    def fit(cls, series: pd.Series) -> Self | str:
        """Count the categories of ``series``; a text says why it cannot be a feature."""
        shares = categories(series).value_counts(normalize=True)
        if shares.nunique() == 1:
            return CONSTANT if len(shares) == 1 else "every value is as frequent as the others"
        return cls(str(series.name), {str(key): float(share) for key, share in shares.items()})

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the features, one."""
        return (self.name,)

    def encode(self, series: pd.Series) -> tuple[Matrix, Mask]:
        """Return features, shape (n_rows, 1), and which rows were missing, shape (n_rows,)."""
        shares = to_floats(categories(series).map(self.shares).astype(float).fillna(0.0))
        return shares[:, np.newaxis], series.isna().to_numpy(dtype=bool)


@dataclass(frozen=True)
class DatetimeColumn:
    """A moment, as its place in the day and in the week, each a point on a circle.

    A missing moment is the centre of the circle. Terms that do not vary, such as the hour of
    daily data, are left out.
    """

    kind: ClassVar[Literal["datetime"]] = "datetime"
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


def categories(series: pd.Series) -> pd.Series:
    """Return the values of ``series`` as texts, a missing one as a text of its own."""
    return series.astype(object).where(series.notna(), _MISSING).astype(str)


def _circles(moments: pd.Series) -> Matrix:
    hour = (moments.dt.hour + moments.dt.minute / 60).to_numpy(np.float64) / 24
    weekday = (moments.dt.day_of_week.to_numpy(np.float64) + hour) / 7
    turns = 2 * np.pi * np.column_stack([hour, hour, weekday, weekday])
    circles: Matrix = np.where([True, False, True, False], np.sin(turns), np.cos(turns))
    return np.nan_to_num(circles, nan=0.0)
