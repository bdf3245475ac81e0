"""What a column of a table holds, whatever pandas type holds it."""

from decimal import Decimal
from math import inf

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from detectors.errors import DetectorError
from detectors.validation import Vector

# What databases and JSON hand over where a column of numbers, booleans or dates has gaps.
_NUMBER_OBJECTS = {"boolean", "integer", "floating", "mixed-integer-float", "decimal"}
_DATE_OBJECTS = {"string", "date", "datetime", "datetime64"}
_TEXT_OBJECTS = {"string", "mixed", "mixed-integer"}
_MANY = 10  # different numbers that cannot be chance


def is_number(series: pd.Series) -> bool:
    """Whether ``series`` holds numbers, booleans or durations, missing values apart."""
    if series.dtype == object:
        return pd.api.types.infer_dtype(series, skipna=True) in _NUMBER_OBJECTS
    kind = series.dtype.kind
    return kind in "bm" or (kind != "c" and pd.api.types.is_numeric_dtype(series))


def is_text(series: pd.Series) -> bool:
    """Whether ``series`` holds text, missing values apart."""
    return pd.api.types.infer_dtype(series, skipna=True) in _TEXT_OBJECTS


def is_number_text(series: pd.Series) -> bool:
    """Whether ``series`` holds text most of which are numbers, missing values apart.

    Most are half of the rows, or nearly all of the different texts: a sensor that is mostly off.
    """
    if not is_text(series):
        return False
    present = series.dropna()
    numbers = ~np.isnan(_parse(present))
    if not len(numbers):
        return False
    different = present[numbers].nunique()
    many = different >= _MANY and different >= 5 * present[~numbers].nunique()
    return many or bool(np.mean(numbers) >= 0.5)


def first_odd_text(series: pd.Series) -> tuple[int, str] | None:
    """Return the first row whose value is no number, not even one written as text, and the value.

    Rows are numbered as by ``row_number``; a missing value is not odd.
    """
    odd = np.isnan(_parse(series)) & series.notna().to_numpy(dtype=bool)
    if not odd.any():
        return None
    place = int(odd.argmax())
    return row_number(series, place), str(series.iloc[place])[:40]


def row_number(series: pd.Series, place: int) -> int:
    """Return the number of a row: what the index says where it counts upwards, else its place."""
    index = series.index
    counts = pd.api.types.is_integer_dtype(index.dtype) and index.is_monotonic_increasing
    return int(index[place]) if counts else place


def to_floats(series: pd.Series) -> Vector:
    """Return numbers, booleans or durations (in seconds) as float64, missing as NaN."""
    if series.dtype.kind == "m":
        series = series.dt.total_seconds()
    try:
        values: Vector = series.to_numpy(dtype=np.float64, na_value=np.nan)
    except OverflowError:  # an integer past 1e308
        values = np.array([_to_float(value) for value in series])
    return values


def read_numbers(series: pd.Series) -> Vector:
    """Return numbers as ``to_floats``, also those that are written as text.

    Raises:
        DetectorError: a value is none; the message names the first.
    """
    if is_number(series):
        return to_floats(series)
    odd = first_odd_text(series)
    if odd is not None:
        row, text = odd
        raise DetectorError(
            f"column {str(series.name)!r} should hold numbers, row {row} (the first is row 0) "
            f"holds {text!r}: correct the value, or name it in `null_values` of the source so that "
            "it counts as missing"
        )
    return _parse(series)


def as_datetimes(series: pd.Series) -> pd.Series | None:
    """Return ``series`` as datetimes; None when it holds anything but dates in ISO 8601."""
    if isinstance(series.dtype, pd.ArrowDtype):
        series = series.astype(object)
    if pd.api.types.is_datetime64_any_dtype(series):
        return series
    if pd.api.types.infer_dtype(series, skipna=True) not in _DATE_OBJECTS:
        return None
    try:
        moments = pd.to_datetime(series, format="ISO8601", utc=True)
    except (ValueError, TypeError):
        return None
    # Empty text is read as a missing moment, but it is a category like any other.
    return moments if moments.isna().equals(series.isna()) else None


def is_constant(series: pd.Series) -> bool:
    """Whether all values of ``series``, missing ones apart, are the same, and there are any."""
    present = series.dropna()
    if not len(present):
        return False
    if pd.api.types.is_list_like(present.iloc[0]):  # lists compare item by item
        present = present.astype(object).astype(str)
    return bool((present == present.iloc[0]).all())


def _parse(series: pd.Series) -> Vector:
    """Numbers written as text; NaN for all else."""
    texts = series.astype(str).str.replace("\u2212", "-")  # the minus sign of typography
    numbers = pd.to_numeric(texts, errors="coerce")
    values: NDArray[np.float64] = numbers.to_numpy(dtype=np.float64)
    return values


def _to_float(value: int | float | Decimal | None) -> float:
    if value is None or value is pd.NA:
        return np.nan
    try:
        return float(value)
    except OverflowError:
        return inf if value > 0 else -inf
