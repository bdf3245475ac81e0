"""Rows of a table as they are kept: who they are, and what they held."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from detectors.extremes import EXTREME, RobustScale
from detectors.validation import Matrix

# A cell of a megabyte belongs in its source, not in every report.
_LONGEST_TEXT = 500
_STANDOUTS = 3
_EXACT = 2**53  # from here on a float stands for several integers


def row_keys(
    frame: pd.DataFrame, key_columns: Sequence[str], positions: NDArray[np.int64]
) -> list[str | None]:
    """Return the identity of the rows at ``positions``; None where no key is declared.

    A single key column gives its value as text, None where it is missing; several give a JSON list
    of such values. A key does not depend on other rows: 17 stays 17 where a gap in the column made
    its numbers floats.
    """
    if not key_columns:
        return [None] * len(positions)
    taken = frame.iloc[positions]
    keys = zip(*(map(_key_text, _values(taken[name])) for name in key_columns), strict=True)
    return [key[0] if len(key) == 1 else json.dumps(key, ensure_ascii=False) for key in keys]


def row_values(
    frame: pd.DataFrame, columns: Sequence[str], positions: NDArray[np.int64]
) -> list[dict[str, Any]]:
    """Return what the rows at ``positions`` hold in ``columns``, missing values as None."""
    taken = frame.iloc[positions]
    by_column = [map(_shorten, _values(taken[name])) for name in columns]
    return [dict(zip(columns, row, strict=True)) for row in zip(*by_column, strict=True)]


def standouts(X: Matrix, scale: RobustScale, names: Sequence[str]) -> list[dict[str, float]]:
    """Return the modified z-scores of the features in which each row is itself extreme.

    Args:
        X: the rows, shape (n_rows, n_features).
        scale: of the features.
        names: of the features.

    Returns:
        At most three a row, the furthest out first; none where only the combination is odd.
    """
    z = scale.z(X)
    order = np.argsort(-np.abs(z), axis=1, kind="stable")[:, :_STANDOUTS]
    return [
        {names[j]: float(row[j]) for j in places if abs(row[j]) > EXTREME}
        for row, places in zip(z, order.tolist(), strict=True)
    ]


def _values(series: pd.Series) -> list[Any]:
    """Plain values, None where one is missing."""
    gaps = series.isna().tolist()
    return [None if gap else value for value, gap in zip(series.tolist(), gaps, strict=True)]


def _key_text(value: Any) -> str | None:
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        value = int(value)
    return None if value is None else str(value)


def _shorten(value: Any) -> Any:
    if isinstance(value, str) and len(value) > _LONGEST_TEXT:
        return value[: _LONGEST_TEXT - 1] + "…"
    return value
