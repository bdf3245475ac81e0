"""From the rows of a stream to the matrix and the times that online detectors take."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from detectors.errors import DetectorError
from detectors.notation import find_notation
from detectors.roles import ColumnRoles, shorten
from detectors.series import as_datetimes, is_number, is_number_text, read_numbers, to_floats
from detectors.validation import Matrix, Vector

_NANOSECONDS = 1e9


@dataclass(frozen=True)
class StreamColumns:
    """Which columns of a stream's rows are watched, chosen once, at its first rows.

    Attributes:
        watched: columns of numbers, in the order of the matrix.
        time: the column that says when a row happened; None if there is none.
    """

    watched: tuple[str, ...]
    time: str | None

    @classmethod
    def choose(cls, frame: pd.DataFrame, roles: ColumnRoles, time: str | None) -> "StreamColumns":
        """Choose the columns that ``roles`` names, else every one that holds numbers.

        Args:
            frame: the first rows.
            roles: which column is what; its cursor tells the time if it holds times.
            time: the column of times that is asked for; None for the cursor's.

        Raises:
            DetectorError: a column asked for is not there, or is none of numbers or of times; or
                none of numbers is left.
        """
        asked = roles.features
        for name in (*(asked or ()), *((time,) if time else ())):
            _check_present(frame, name)
        if time is not None and not _holds_times(frame[time]):
            raise DetectorError(
                f"time column {time!r} holds {frame[time].dtype} and no times: expected dates in "
                "ISO 8601 or seconds since 1970; name another column, or none"
            )
        if asked is None:
            reserved = {time, *roles.keys, roles.cursor, roles.label}
            watched = tuple(
                str(name)
                for name in frame.columns
                if name not in reserved and is_number(frame[name]) and frame[name].count()
            )
        else:
            watched = tuple(dict.fromkeys(asked))
        if not watched:
            raise DetectorError(
                f"no column with numbers to watch among {shorten(list(map(str, frame.columns)))}: "
                "name the columns of the stream, and give numbers in the source the type of numbers"
            )
        columns = cls(watched, time or _cursor_time(frame, roles.cursor))
        columns.matrix(frame)
        return columns

    def matrix(self, frame: pd.DataFrame) -> Matrix:
        """Return the watched values of ``frame``, shape (n_rows, n_columns), missing as NaN.

        Raises:
            DetectorError: a column is gone, or holds anything but numbers.
        """
        X = np.empty((len(frame), len(self.watched)))
        for place, name in enumerate(self.watched):
            _check_present(frame, name)
            X[:, place] = _numbers(frame[name])
        return X

    def times(self, frame: pd.DataFrame) -> Vector:
        """Return seconds since 1970, shape (n_rows,), NaN where a row has no time.

        Raises:
            DetectorError: the column of times is gone.
        """
        if self.time is None:
            return np.full(len(frame), np.nan)
        _check_present(frame, self.time)
        return _seconds(frame[self.time])


def _check_present(frame: pd.DataFrame, name: str) -> None:
    if name not in frame.columns:
        raise DetectorError(
            f"there is no column {name!r}, expected one of "
            f"{shorten(list(map(str, frame.columns)))}: was it renamed in the source?"
        )


def _numbers(series: pd.Series) -> Vector:
    if is_number(series):
        return to_floats(series)
    if not series.count():
        return np.full(len(series), np.nan)
    if is_number_text(series):  # a text of a whole column that a stream has in parts
        return read_numbers(series)
    held = find_notation(series) or f"text such as {_example(series)}"
    raise DetectorError(
        f"column {str(series.name)!r} holds {held}; streams watch numbers: if it cannot be read "
        "as such, name other columns"
    )


def _cursor_time(frame: pd.DataFrame, cursor: str | None) -> str | None:
    # A cursor of numbers counts rows, as likely as seconds.
    if cursor is None or cursor not in frame.columns or is_number(frame[cursor]):
        return None
    return cursor if _holds_times(frame[cursor]) else None


def _holds_times(series: pd.Series) -> bool:
    return bool(np.isfinite(_seconds(series)).any()) or not series.count()


def _seconds(series: pd.Series) -> Vector:
    if is_number(series):
        return to_floats(series)
    moments = as_datetimes(series)
    if moments is None:  # one odd text must not take their times from all the others
        moments = pd.to_datetime(series.astype(str), format="ISO8601", utc=True, errors="coerce")
    since_1970 = moments.to_numpy(dtype="datetime64[ns]").astype(np.int64)
    return np.where(moments.isna().to_numpy(dtype=bool), np.nan, since_1970 / _NANOSECONDS)


def _example(series: pd.Series) -> str:
    return repr(str(series.dropna().iloc[0])[:40])
