"""What is counted of a column while a table is read in chunks."""

from dataclasses import dataclass
from math import inf
from typing import Self

import numpy as np
import pandas as pd

from detectors.chunks.moments import Moments
from detectors.profile import ColumnProfile, are_dates, date_note
from detectors.series import is_constant, is_number, to_floats
from detectors.validation import Vector

_NO_MOMENTS = Moments()


@dataclass(frozen=True)
class NumberTally:
    """Numbers, booleans or durations of some rows; two parts of a column add up to both together.

    Attributes:
        dtype: the pandas type that holds all of them.
        missing: number of missing values.
        infinite: number of infinite values.
        moments: of the finite ones.
        minimum: the smallest finite one; infinity where there is none.
        maximum: the largest; minus infinity likewise.
        are_dates: whether all finite ones are dates written as YYYYMMDD.
    """

    dtype: str
    missing: int = 0
    infinite: int = 0
    moments: Moments = _NO_MOMENTS
    minimum: float = inf
    maximum: float = -inf
    are_dates: bool = True

    @classmethod
    def of(cls, dtype: str, values: Vector) -> Self:
        """Count ``values``, shape (n,), NaN where one is missing."""
        missing, infinite = int(np.isnan(values).sum()), int(np.isinf(values).sum())
        finite = values[np.isfinite(values)] if missing or infinite else values
        if not finite.size:
            return cls(dtype, missing, infinite)
        low, high = float(finite.min()), float(finite.max())
        return cls(dtype, missing, infinite, Moments.of(finite), low, high, are_dates(finite))

    def __add__(self, other: "NumberTally") -> "NumberTally":
        """Return the tally of both parts together."""
        return NumberTally(
            # Integers and booleans are floats where one is missing.
            self.dtype if self.dtype == other.dtype else "float64",
            self.missing + other.missing,
            self.infinite + other.infinite,
            self.moments + other.moments,
            min(self.minimum, other.minimum),
            max(self.maximum, other.maximum),
            self.are_dates and other.are_dates,
        )

    def profile(self, name: str, median: float | None, *, estimated: bool) -> ColumnProfile:
        """Return the column's profile with its median, which is that of a sample if estimated."""
        if not self.moments.count:
            return ColumnProfile(name, self.dtype, self.missing, self.infinite)
        return ColumnProfile(
            name,
            self.dtype,
            self.missing,
            self.infinite,
            constant=self.minimum == self.maximum,
            mean=self.moments.mean,
            std=self.moments.std,
            minimum=self.minimum,
            median=median,
            estimated=estimated and median is not None,
            maximum=self.maximum,
            note=date_note(self.are_dates),
        )


@dataclass(frozen=True)
class OtherTally:
    """Values that are no numbers; two parts of a column add up to both together.

    Attributes:
        dtype: the pandas type that holds all of them.
        missing: number of missing values.
        only: the text of all others; None where there is none, or several.
        varies: whether there are several.
    """

    dtype: str
    missing: int
    only: str | None
    varies: bool

    @classmethod
    def of(cls, series: pd.Series) -> Self:
        """Count the values of ``series``."""
        present = series.dropna()
        constant = is_constant(present)
        return cls(
            dtype=str(series.dtype),
            missing=len(series) - len(present),
            only=str(present.iloc[0]) if constant else None,
            varies=len(present) > 0 and not constant,
        )

    def __add__(self, other: "OtherTally") -> "OtherTally":
        """Return the tally of both parts together."""
        texts = {self.only, other.only} - {None}
        varies = self.varies or other.varies or len(texts) > 1
        return OtherTally(
            min(self.dtype, other.dtype),  # times in ns hold those in us
            self.missing + other.missing,
            None if varies or not texts else texts.pop(),
            varies,
        )

    def profile(self, name: str, median: float | None, *, estimated: bool) -> ColumnProfile:
        """Return the column's profile; there is no median."""
        return ColumnProfile(name, self.dtype, self.missing, constant=self.only is not None)


ColumnTally = NumberTally | OtherTally


def tally_column(series: pd.Series) -> ColumnTally:
    """Count the values of a column in some rows."""
    if is_number(series):
        return NumberTally.of(str(series.dtype), to_floats(series))
    return OtherTally.of(series)
