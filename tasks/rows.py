"""Rows of a table as they are kept: who they are, and what they held."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from detectors.extremes import EXTREME, RobustScale
from detectors.validation import Matrix
from sources.columns import key_name

# A cell of a megabyte belongs in its source, not in every report.
_LONGEST_TEXT = 500
_STANDOUTS = 3


def row_keys(
    frame: pd.DataFrame, key_columns: Sequence[str], positions: NDArray[np.int64]
) -> list[str | None]:
    """Return the identity of the rows at ``positions``; None where no key is declared.

    A single key column gives its text, None where it is missing; several give a JSON list of such
    texts.

    Args:
        frame: rows as readers and pollers give them, key columns as text.
        key_columns: what identifies a row.
        positions: of the rows in the frame.
    """
    if not key_columns:
        return [None] * len(positions)
    taken = frame.iloc[positions]
    columns = [key_name(name) if key_name(name) in frame else name for name in key_columns]
    keys = zip(*(map(_text, _values(taken[name])) for name in columns), strict=True)
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


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _shorten(value: Any) -> Any:
    if isinstance(value, str) and len(value) > _LONGEST_TEXT:
        return value[: _LONGEST_TEXT - 1] + "…"
    return value
