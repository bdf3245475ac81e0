"""Which column of a table is what, and whether they are there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import pandas as pd

from detectors.errors import DetectorError


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
        """Every column that has to be read, beside the keys; None for all."""
        if self.features is None:
            return None
        return tuple(dict.fromkeys((*self.features, *((self.label,) if self.label else ()))))

    @property
    def named(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Every column that a table has to have, by what names them."""
        yield "columns", self.features or ()
        yield "key_columns", self.keys
        # Not read where features are named.
        yield "cursor_column", (self.cursor,) if self.cursor and self.features is None else ()
        yield "label_column", (self.label,) if self.label else ()

    def candidates(self, frame: pd.DataFrame) -> list[str]:
        """Return the columns of ``frame`` to make features of, if they allow it."""
        if self.features is not None:
            return list(dict.fromkeys(self.features))
        reserved = {*self.keys, self.cursor, self.label}
        return [name for name in frame.columns if name not in reserved]


def check_table(frame: pd.DataFrame, roles: ColumnRoles) -> None:
    """Check that ``frame`` has rows to compare, and columns as ``roles`` names them.

    Raises:
        DetectorError: fewer than two rows; a column named by no text, or as another one; a column
            that is not there; or a label among the features.
    """
    if len(frame) < 2:
        raise DetectorError(
            f"the table has {'one row' if len(frame) else 'no rows'}, expected at least two, since "
            "an anomaly is a row unlike the others: was the source filled, and read to its end?"
        )
    for name in frame.columns:
        if not isinstance(name, str):
            raise DetectorError(f"column {name!r}: the names of columns should be text: rename it")
    if not frame.columns.is_unique:
        twice = sorted(set(frame.columns[frame.columns.duplicated()]))
        raise DetectorError(f"two columns are named {', '.join(twice)}: rename one of them")
    for setting, names in roles.named:
        for name in names:
            _check_present(name, setting, list(frame.columns))
    if roles.label is not None and roles.label in (roles.features or ()):
        raise DetectorError(
            f"column {roles.label!r} holds the labels and cannot be a feature: take it out of "
            "the columns, or of label_column"
        )


def shorten(words: Sequence[str], most: int = 12) -> str:
    """Return the first of ``words`` as a list for people."""
    shown = ", ".join(words[:most])
    return shown if len(words) <= most else f"{shown} and {len(words) - most} more"


def _check_present(name: str, setting: str, present: Sequence[str]) -> None:
    if name in present:
        return
    similar = get_close_matches(name, present, n=1)
    advice = f"did you mean {similar[0]!r}? There are" if similar else "expected one of"
    raise DetectorError(
        f"`{setting}` names {name!r}, and there is no such column: {advice} {shorten(present)}"
    )
