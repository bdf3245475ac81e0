"""Moments, in any form that they come in, as seconds since 1970."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from detectors.errors import DetectorError
from detectors.validation import Vector

Moment = float | datetime | date | np.datetime64
"""Seconds since 1970, UTC, or a date."""

Moments = NDArray[Any] | pd.Series | pd.Index | Sequence[Moment | None]

LAST_SECOND = 1e15
"""Past this, hours are no longer whole numbers that a kernel can count."""

_PER_SECOND = {"ms": 1e3, "us": 1e6, "ns": 1e9}


def to_seconds(moments: Moments) -> Vector:
    """Return seconds since 1970, UTC, with NaN where there is no moment.

    Args:
        moments: numbers are seconds already; dates are ``datetime64`` of any unit, pandas'
            timestamps or ``datetime``, and UTC where they name no zone. None and NaT are no moment.

    Raises:
        DetectorError: something is neither; the message shows it.
    """
    if isinstance(moments, pd.Series | pd.Index):
        values = _without_pandas(moments)
    else:
        values = np.asarray(moments)
        # numpy makes text of numbers beside text.
        if values.dtype.kind in "US":
            values = np.asarray(moments, dtype=object)
    if values.size == 0 or values.dtype.kind in "fiu":
        return values.astype(np.float64)
    if values.dtype.kind == "M":
        return _of_datetimes(values)
    if values.dtype.kind != "O":
        _refuse(values.flat[0])
    return np.array([_of_object(value) for value in values.flat]).reshape(values.shape)


def _without_pandas(moments: pd.Series | pd.Index) -> NDArray[Any]:
    if moments.dtype.kind == "M":
        index = pd.DatetimeIndex(moments)
        return (index if index.tz is None else index.tz_convert("UTC").tz_localize(None)).to_numpy()
    if moments.dtype.kind in "fiu":
        return moments.to_numpy(dtype=np.float64, na_value=np.nan)
    return moments.to_numpy()


def _of_datetimes(values: NDArray[Any]) -> Vector:
    unit, _ = np.datetime_data(values.dtype)
    if unit not in _PER_SECOND:
        values = values.astype("datetime64[us]" if unit in ("ps", "fs", "as") else "datetime64[s]")
    unit, step = np.datetime_data(values.dtype)
    seconds = values.astype(np.int64) * step / _PER_SECOND.get(unit, 1.0)
    return np.where(np.isnat(values), np.nan, seconds)


def _of_object(value: object) -> float:
    if value is None or value is pd.NaT or value is pd.NA:
        return np.nan
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    if isinstance(value, date):
        return datetime.combine(value, time(), UTC).timestamp()
    if isinstance(value, np.datetime64):
        return float(_of_datetimes(np.array(value)))
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real | Decimal):
        _refuse(value)
    return float(value)  # type: ignore[arg-type]


def _refuse(value: object) -> None:
    raise DetectorError(
        f"{str(value)[:40]!r} ({type(value).__name__}) is no time: pass seconds since 1970, or "
        "dates as datetime64, datetime or pandas' timestamps"
    )
