"""The first pass over a table in chunks: what it holds, and the rows to learn from."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from detectors.chunks.column_tally import ColumnTally, NumberTally, tally_column
from detectors.chunks.digests import add_digests, digest_columns
from detectors.roles import ColumnRoles
from detectors.series import is_number, to_floats


@dataclass(frozen=True)
class TableTally:
    """What was counted of some rows; the tallies of two parts add up to that of both.

    However a table is cut into parts, and in whatever groups they are added up, in their order,
    the result is the same to the bit.

    Attributes:
        n_rows: how many rows.
        columns: what was counted of each column, by name.
        digests: of the columns that may become features.
        sampled: the sampled rows, part by part, numbers as floats, the index their row numbers.
    """

    n_rows: int
    columns: dict[str, ColumnTally]
    digests: dict[str, int]
    sampled: tuple[pd.DataFrame, ...]

    def __add__(self, other: "TableTally") -> "TableTally":
        """Return the tally of the rows of both, of which these come first."""
        return TableTally(
            self.n_rows + other.n_rows,
            {name: _add(column, other.columns[name]) for name, column in self.columns.items()},
            add_digests(self.digests, other.digests),
            self.sampled + other.sampled,
        )

    @property
    def sample(self) -> pd.DataFrame:
        """The sampled rows, in the order of the table."""
        return pd.concat(self.sampled)


def tally_chunk(roles: ColumnRoles, sample: NDArray[np.int64], frame: pd.DataFrame) -> TableTally:
    """Count what some rows of a table hold.

    Args:
        roles: which column is what.
        sample: numbers of the rows to keep, ascending.
        frame: the rows; the index numbers them.
    """
    first = int(frame.index[0])
    low, high = np.searchsorted(sample, [first, first + len(frame)])
    columns = {name: tally_column(frame[name]) for name in frame.columns}
    candidates = [
        name
        for name in roles.candidates(frame)
        if roles.features is not None or isinstance(columns[name], NumberTally)
    ]
    kept = frame.iloc[sample[low:high] - first]
    # A type for gaps in one part and another where there is none could not be joined.
    numbers = {str(name): to_floats(kept[name]) for name in kept if is_number(frame[name])}
    return TableTally(
        len(frame), columns, digest_columns(frame, candidates), (kept.assign(**numbers),)
    )


def _add(first: ColumnTally, second: ColumnTally) -> ColumnTally:
    if isinstance(first, NumberTally) and isinstance(second, NumberTally):
        return first + second
    if isinstance(first, NumberTally) or isinstance(second, NumberTally):
        raise TypeError("a column holds numbers in one part only: its parts have other types")
    return first + second
