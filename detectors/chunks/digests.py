"""Digests of columns that come in parts."""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from detectors.columns import categories
from detectors.series import is_number, to_floats

Digests = Mapping[str, int]


def digest_columns(frame: pd.DataFrame, names: Sequence[str]) -> dict[str, int]:
    """Digest columns of some rows, which the index numbers.

    Args:
        frame: rows with a RangeIndex, their numbers in the table.
        names: of the columns.

    Returns:
        A number below 2**64 for each column; those of two parts add up, modulo 2**64, to that of
        both, in whatever order.
    """
    from detectors.kernels.exact_sums import digest_values

    first = int(frame.index[0]) if len(frame) else 0
    return {name: int(digest_values(_bits(frame[name]), first)) for name in names}


def add_digests(first: Digests, second: Digests) -> dict[str, int]:
    """Return the digests of two parts together."""
    return {name: (first[name] + second[name]) % 2**64 for name in first}


def fingerprint_of(n_rows: int, digests: Digests) -> str:
    """Return a digest of a table from those of its columns: names, number of rows, every value."""
    text = "\0".join([str(n_rows), *(f"{name}\0{value}" for name, value in digests.items())])
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _bits(series: pd.Series) -> NDArray[np.uint64]:
    """64 bits for each value, the same whichever type of its kind holds it."""
    if is_number(series):
        values = to_floats(series)
        # Of the many values that are no number, one.
        bits: NDArray[np.uint64] = np.where(np.isnan(values), np.nan, values).view(np.uint64)
        return bits
    if pd.api.types.is_datetime64_any_dtype(series):
        moments = series.dt.tz_convert(None) if series.dt.tz is not None else series
        return moments.to_numpy("datetime64[us]").view(np.uint64)
    return pd.util.hash_array(categories(series).to_numpy(object))
