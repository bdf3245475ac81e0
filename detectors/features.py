"""From the columns of a table to the matrix that detectors take, and back to the rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from detectors.columns import (
    CategoryColumn,
    DatetimeColumn,
    FeatureColumn,
    NumericColumn,
    as_datetimes,
    is_number,
    numeric_text,
)
from detectors.errors import DetectorError
from detectors.validation import Matrix

MissingPolicy = Literal["impute", "drop_rows", "error"]


@dataclass(frozen=True)
class ColumnRoles:
    """Which column of a table is what.

    Attributes:
        features: the columns to watch; every numeric and boolean one when None.
        keys: columns that identify a row; never a feature unless named.
        cursor: the column by which a stream is read on; likewise.
        label: ground truth, never a feature.
    """

    features: tuple[str, ...] | None = None
    keys: tuple[str, ...] = ()
    cursor: str | None = None
    label: str | None = None

    @property
    def needed(self) -> tuple[str, ...] | None:
        """Every column that has to be read; None for all."""
        if self.features is None:
            return None
        others = (*self.keys, *((self.label,) if self.label else ()))
        return tuple(dict.fromkeys((*self.features, *others)))


@dataclass(frozen=True)
class EncodedRows:
    """Rows ready for a detector.

    Attributes:
        X: features, shape (n_rows, n_features), finite.
        positions: the row of the table each row of ``X`` comes from, shape (n_rows,).
    """

    X: Matrix
    positions: NDArray[np.int64]


@dataclass(frozen=True)
class FeatureEncoder:
    """Turns tables into matrices, always in the way learnt from the first.

    Attributes:
        columns: the table's columns in use.
        left_out: columns that are not used, each with the reason.
        missing: what is done with rows in which a value is missing.
    """

    columns: tuple[FeatureColumn, ...]
    left_out: dict[str, str] = field(default_factory=dict)
    missing: MissingPolicy = "impute"

    @classmethod
    def fit(
        cls, frame: pd.DataFrame, roles: ColumnRoles, missing: MissingPolicy = "impute"
    ) -> Self:
        """Choose and learn the features of ``frame``.

        Raises:
            DetectorError: a named column does not exist or cannot be a feature, or nothing is left.
        """
        _check_names(frame, roles)
        named = roles.features is not None
        fitted = {name: _fit_column(frame[name], named) for name in _candidates(frame, roles)}
        left_out = {name: reason for name, reason in fitted.items() if isinstance(reason, str)}
        columns = tuple(column for column in fitted.values() if not isinstance(column, str))
        if not columns:
            raise DetectorError(_nothing_left(frame, left_out))
        return cls(columns, left_out, missing)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features, in the order of the matrix."""
        return tuple(name for column in self.columns for name in column.features)

    def encode(self, frame: pd.DataFrame) -> EncodedRows:
        """Return the matrix of ``frame`` and where its rows come from.

        Raises:
            DetectorError: a column is gone or of another type; or values are missing and the
                policy is ``error``; or ``drop_rows`` leaves nothing.
        """
        X = np.empty((len(frame), len(self.names)))
        incomplete = np.zeros(len(frame), dtype=bool)
        start = 0
        for column in self.columns:
            if column.name not in frame.columns:
                raise DetectorError(f"column {column.name!r} is gone from the source: add it again")
            encoded, missing = column.encode(frame[column.name])
            X[:, start : start + encoded.shape[1]] = encoded
            start += encoded.shape[1]
            if missing.any() and self.missing == "error":
                raise DetectorError(
                    f"column {column.name!r} has {int(missing.sum())} missing values "
                    f"(first at row {int(missing.argmax())}): fill them, or choose missing=impute "
                    "or missing=drop_rows"
                )
            incomplete |= missing
        positions = np.arange(len(frame))
        if self.missing == "drop_rows" and incomplete.any():
            X, positions = X[~incomplete], positions[~incomplete]
            if not len(X):
                raise DetectorError(
                    "every row has a missing value: choose missing=impute, or fewer columns"
                )
        return EncodedRows(X, positions)


def _check_names(frame: pd.DataFrame, roles: ColumnRoles) -> None:
    if not frame.columns.is_unique:
        twice = sorted(set(frame.columns[frame.columns.duplicated()].astype(str)))
        raise DetectorError(f"two columns are named {', '.join(twice)}: rename one of them")
    named: Sequence[str] = (*(roles.features or ()), *roles.keys)
    if roles.label is not None:
        named = (*named, roles.label)
    unknown = [name for name in named if name not in frame.columns]
    if unknown:
        raise DetectorError(
            f"no column {', '.join(map(repr, unknown))}; the columns are "
            f"{_shorten(list(map(str, frame.columns)))}"
        )
    if roles.label is not None and roles.label in (roles.features or ()):
        raise DetectorError(
            f"column {roles.label!r} holds the labels and cannot be a feature: take it out of "
            "the columns, or of label_column"
        )


def _candidates(frame: pd.DataFrame, roles: ColumnRoles) -> list[str]:
    if roles.features is not None:
        return list(dict.fromkeys(roles.features))
    reserved = {*roles.keys, roles.cursor, roles.label}
    return [name for name in frame.columns if name not in reserved]


def _fit_column(series: pd.Series, named: bool) -> FeatureColumn | str:
    """Return how to encode ``series``, or why it is left out."""
    if not series.notna().any():
        return "no values"
    if is_number(series):
        return NumericColumn.fit(series)
    odd = None if pd.api.types.is_datetime64_any_dtype(series) else numeric_text(series)
    if not named:
        if odd is not None:
            return f"numbers, but for text such as {odd[1]!r} in row {odd[0]}"
        return f"not numeric ({series.dtype}); name it to use it"
    if odd is not None:
        raise DetectorError(
            f"column {str(series.name)!r} should hold numbers, row {odd[0]} holds {odd[1]!r}: "
            "correct the value, or empty it so that it counts as missing"
        )
    if as_datetimes(series) is not None:
        return DatetimeColumn.fit(series)
    return CategoryColumn.fit(series)


def _nothing_left(frame: pd.DataFrame, left_out: dict[str, str]) -> str:
    if not len(frame):
        return "the source has no rows: nothing to detect"
    if len(frame) == 1:
        return "the source has one row: at least two are needed to tell an anomaly"
    if not left_out:
        return "no columns to watch besides key, cursor and label: name them in `columns`"
    reasons = _shorten([f"{name} ({reason})" for name, reason in left_out.items()])
    return f"no column is left to detect anomalies in: {reasons}"


def _shorten(words: list[str], most: int = 12) -> str:
    shown = ", ".join(words[:most])
    return shown if len(words) <= most else f"{shown} and {len(words) - most} more"
