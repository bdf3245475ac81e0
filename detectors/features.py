"""From the columns of a table to the matrix that detectors take, and back to the rows."""

from collections.abc import Mapping
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
)
from detectors.errors import DetectorError
from detectors.notation import find_notation
from detectors.roles import ColumnRoles, check_table, shorten
from detectors.series import as_datetimes, first_odd_text, is_number, is_number_text, row_number
from detectors.validation import Matrix

MissingPolicy = Literal["impute", "drop_rows", "error"]


@dataclass(frozen=True)
class EncodedRows:
    """Rows ready for a detector.

    Attributes:
        X: features, shape (n_rows, n_features), finite.
        positions: the row of the table each row of ``X`` comes from, shape (n_rows,).
        imputed: which values of ``X`` stand in for missing ones, of its shape; None where no
            value was missing.
    """

    X: Matrix
    positions: NDArray[np.int64]
    imputed: NDArray[np.bool_] | None = None


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
            DetectorError: fewer than two rows, a named column does not exist or cannot be a
                feature, or nothing is left.
        """
        check_table(frame, roles)
        named = roles.features is not None
        fitted = {name: fit_column(frame[name], named) for name in roles.candidates(frame)}
        return cls.of(fitted, missing)

    @classmethod
    def of(
        cls, fitted: Mapping[str, FeatureColumn | str], missing: MissingPolicy = "impute"
    ) -> Self:
        """Return an encoder of columns that are fitted, or left out for a reason.

        Raises:
            DetectorError: nothing is left.
        """
        left_out = {name: reason for name, reason in fitted.items() if isinstance(reason, str)}
        columns = tuple(column for column in fitted.values() if not isinstance(column, str))
        if not columns:
            raise DetectorError(_nothing_left(left_out))
        return cls(columns, left_out, missing)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features, in the order of the matrix."""
        return tuple(name for column in self.columns for name in column.features)

    def encode(self, frame: pd.DataFrame) -> EncodedRows:
        """Return the matrix of ``frame`` and where its rows come from.

        Raises:
            DetectorError: a column is gone or of another type; or values are missing and the
                policy is ``error``.
        """
        X = np.empty((len(frame), len(self.names)))
        imputed: NDArray[np.bool_] | None = None
        start = 0
        for column in self.columns:
            if column.name not in frame.columns:
                raise DetectorError(f"column {column.name!r} is gone from the source: add it again")
            encoded, missing = column.encode(frame[column.name])
            end = start + encoded.shape[1]
            X[:, start:end] = encoded
            if missing.any():
                if self.missing == "error":
                    raise _missing_values(frame[column.name], missing)
                imputed = np.zeros(X.shape, dtype=bool) if imputed is None else imputed
                imputed[:, start:end] = missing[:, np.newaxis]
            start = end
        positions = np.arange(len(frame))
        if self.missing == "drop_rows" and imputed is not None:
            complete = ~imputed.any(axis=1)
            return EncodedRows(X[complete], positions[complete])
        return EncodedRows(X, positions, imputed)


def fit_column(series: pd.Series, named: bool) -> FeatureColumn | str:
    """Return how to encode ``series``, or why it is left out.

    Raises:
        DetectorError: it is named, and most of its texts are quantities that cannot be read.
    """
    if not series.count():
        return "no values"
    if is_number(series):
        return NumericColumn.fit(series)
    notation = find_notation(series)
    if notation is not None:
        if named:
            raise DetectorError(f"column {str(series.name)!r} holds {notation}")
        return str(notation)
    if not named:
        return _why_not_numeric(series)
    if is_number_text(series):
        return NumericColumn.fit(series)
    if as_datetimes(series) is not None:
        return DatetimeColumn.fit(series)
    return CategoryColumn.fit(series)


def _missing_values(series: pd.Series, missing: NDArray[np.bool_]) -> DetectorError:
    return DetectorError(
        f"column {str(series.name)!r} has {int(missing.sum())} missing values "
        f"(first at row {row_number(series, int(missing.argmax()))}): fill them, or choose "
        "missing=impute or missing=drop_rows"
    )


def describe_column(series: pd.Series, named: bool) -> str:
    """Return what the values of ``series`` are read as, by the first rows alone, in words."""
    if not series.count():
        return "no values so far"
    if is_number(series):
        return "numbers"
    notation = find_notation(series)
    if notation is not None:
        return f"not read: {notation}"
    if not named:
        return f"left out: {_why_not_numeric(series)}"
    if is_number_text(series):
        odd = first_odd_text(series)
        return "numbers" if odd is None else f"not read: {_why_not_numeric(series)}"
    return "categories" if as_datetimes(series) is None else "times"


def _why_not_numeric(series: pd.Series) -> str:
    if not is_number_text(series):
        return f"not numeric ({series.dtype}); name it to use it"
    odd = first_odd_text(series)
    if odd is None:
        return "numbers written as text; name it to use it"
    return (
        f"numbers, but for text such as {odd[1]!r} in row {odd[0]}: correct it, or name it in "
        "`null_values` of the source"
    )


def _nothing_left(left_out: dict[str, str]) -> str:
    if not left_out:
        return "no columns to watch besides key, cursor and label: name them in `columns`"
    reasons = shorten([f"{name} ({reason})" for name, reason in left_out.items()])
    return (
        f"no column is left to detect anomalies in: {reasons}; expected at least one with numbers "
        "that differ: correct the values, or name columns of text or dates in `columns`"
    )
