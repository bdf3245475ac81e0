"""Columns of a stream that stay empty, and columns whose value is stuck."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from detectors.online.state import pack, unpack
from detectors.validation import Matrix, Vector

# How much longer than ever before a gap or a run of equal values has to last.
_FACTOR = 5
# A gap of this many rows at least, in a column with enough values before it, else of many more.
_SHORTEST_GAP, _VALUES_KNOWN, _GAP_UNKNOWN = 10, 30, 500
# A run of this many equal values at least, in a column that has changed often enough before it.
_SHORTEST_RUN, _CHANGES_KNOWN, _ROWS_PER_CHANGE = 30, 30, 4
# A value at the edge of its range may be at rest, as at night: a whole day has to be known.
_DAY_SECONDS, _DAY_ROWS = 86_400.0, 1_000

Fault = Literal["missing", "stuck"]


@dataclass(frozen=True)
class ColumnFault:
    """A column that stays empty or is stuck.

    Attributes:
        kind: which of both.
        place: the column's place among those watched, from 0.
        first_row: number of the first row without a value, or with the value that is stuck.
        row: number of the row at which this was known; None where it was known before.
        ended_row: number of the row at which it was over; None as long as it lasts.
    """

    kind: Fault
    place: int
    first_row: int
    row: int | None
    ended_row: int | None


class ColumnHealth:
    """Watches d columns with a state that does not grow.

    A column is *missing* when it was filled in at least half of the rows before, and now stays
    empty for five times as many rows as ever before: 10 at least, or 500 while it has held fewer
    than 30 values. It is *stuck* when it has changed at least 30 times, and at least at every
    fourth value, and now holds one value for five times as many rows as ever before, 30 at least.
    A value at the edge of the column's range counts as stuck only if the rows before it, or those
    that hold it, span a day (1,000 values where rows have no time): it may be at rest for the
    night. A gap does not end a run of equal values. Each fault ends with the first value, or the
    first other value. How rows are cut into calls does not matter.

    Attributes:
        rows: rows so far.
        gap: rows without a value, up to now in a row, shape (d,).
        run: values that are equal, up to now in a row, shape (d,).
    """

    def __init__(self, n_columns: int) -> None:
        """Watch columns of which nothing is known."""

        def counts() -> NDArray[np.int64]:
            return np.zeros(n_columns, np.int64)

        self._rows = np.zeros(1, np.int64)
        self._unknown = np.zeros(1, np.int64)
        self._first_time = np.full(1, np.nan)
        self.gap, self._longest_gap, self._gap_is_open = counts(), counts(), counts()
        self.run, self._longest_run, self._run_is_open = counts(), counts(), counts()
        self._values, self._changes, self._run_row = counts(), counts(), counts()
        self._run_time = np.full(n_columns, np.nan)
        self._last = np.full(n_columns, np.nan)
        self._low, self._high = np.full(n_columns, np.inf), np.full(n_columns, -np.inf)

    @property
    def rows(self) -> int:
        """Rows so far; the number of the next one."""
        return int(self._rows[0])

    def observe(self, X: Matrix, times: Vector, backfill: int = 0) -> list[ColumnFault]:
        """Take in rows, and return the faults that begin or end in them, in the order of rows.

        Args:
            X: rows, shape (n, d); NaN is missing.
            times: seconds since 1970, shape (n,); NaN where a row has none.
            backfill: the first rows of all, at which no fault begins.
        """
        known = times[~np.isnan(times)]
        if len(known) and np.isnan(self._first_time[0]):
            self._first_time[0] = known[0]
        faults: list[ColumnFault] = []
        for place in range(X.shape[1] if len(X) else 0):
            filled = ~np.isnan(X[:, place])
            faults += self._gaps(place, filled, backfill)
            faults += self._runs(place, X[:, place], filled, times, backfill)
            self._values[place] += np.count_nonzero(filled)
        self._rows += len(X)
        return sorted(faults, key=lambda fault: (_happened(fault), fault.place))

    def skip(self, rows: int) -> None:
        """Count rows before the first that is observed, of which nothing is known."""
        self._rows += rows
        self._unknown += rows

    def state(self) -> bytes:
        """Return all that is known; ``restore`` goes on from there."""
        return pack(self._identity(), self._kept())

    def restore(self, state: bytes) -> None:
        """Go on from what ``state`` returned.

        Raises:
            DetectorError: these bytes are damaged, or of another number of columns.
        """
        unpack(state, self._identity(), self._kept())

    def _gaps(self, place: int, filled: NDArray[np.bool_], backfill: int) -> Iterator[ColumnFault]:
        edges = np.flatnonzero(np.diff(np.concatenate([[True], filled, [True]])))
        starts, stops = edges.reshape(-1, 2).T
        held = self._values[place] + np.concatenate([[0], np.cumsum(filled)])
        if self.gap[place] and (not len(starts) or starts[0] > 0):  # it ends with the first row
            starts, stops = np.append(0, starts), np.append(0, stops)
        longest = int(self._longest_gap[place])
        for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
            before = int(self.gap[place]) if start == 0 else 0
            first_row, length = self.rows + start - before, before + stop - start
            is_open = bool(self._gap_is_open[place]) if start == 0 else False
            values = int(held[start])
            needed = _SHORTEST_GAP if values >= _VALUES_KNOWN else _GAP_UNKNOWN
            row = max(first_row + max(needed, _FACTOR * longest) - 1, backfill, self.rows + start)
            begins = (
                not is_open
                and 2 * values >= first_row - self._unknown[0]
                and row < self.rows + stop
            )
            over = stop < len(filled)
            if begins or (is_open and over):
                yield ColumnFault(
                    "missing",
                    place,
                    first_row,
                    row if begins else None,
                    self.rows + stop if over else None,
                )
            if over:
                longest = max(longest, length)
                self.gap[place] = self._gap_is_open[place] = 0
            else:
                self.gap[place], self._gap_is_open[place] = length, is_open or begins
        self._longest_gap[place] = longest

    def _runs(
        self,
        place: int,
        column: Vector,
        filled: NDArray[np.bool_],
        times: Vector,
        backfill: int,
    ) -> Iterator[ColumnFault]:
        rows = np.flatnonzero(filled)
        if not len(rows):
            return
        values = column[rows]
        is_new = np.concatenate([[values[0] != self._last[place]], values[1:] != values[:-1]])
        goes_on = not is_new[0]
        starts = np.flatnonzero(is_new)
        if goes_on:
            starts = np.append(0, starts)
        lengths = np.diff(np.append(starts, len(values)))
        run = int(self.run[place])
        if goes_on:
            lengths[0] += run
        # What was known of the column before each run.
        ended = np.concatenate([[0 if goes_on else run], lengths[:-1]])
        longest = np.maximum.accumulate(np.maximum(ended, self._longest_run[place]))
        changes = self._changes[place] + np.arange(len(starts)) + (not goes_on and run > 0)
        begun = self._values[place] + starts
        begun[0] -= run if goes_on else 0
        needed = np.maximum(_FACTOR * longest, _SHORTEST_RUN)
        suspect = (
            (lengths >= needed)
            & (changes >= _CHANGES_KNOWN)
            & (_ROWS_PER_CHANGE * changes >= begun)
        )
        if self._run_is_open[place] and not goes_on:
            yield self._end_of_run(place, self.rows + int(rows[0]))
        last = len(starts) - 1
        for number in np.flatnonzero(suspect).tolist():
            is_first = number == 0 and goes_on
            if is_first and self._run_is_open[place]:
                if last > 0:
                    yield self._end_of_run(place, self.rows + int(rows[starts[1]]))
                continue
            stop = len(values) if number == last else int(starts[number + 1])
            members = rows[starts[number] : stop]
            seen = values[: starts[number] + 1]
            low = min(float(self._low[place]), float(seen.min()))
            high = max(float(self._high[place]), float(seen.max()))
            known = np.arange(1, len(members) + 1) + (run if is_first else 0)
            stuck = (known >= needed[number]) & (self.rows + members >= backfill)
            if seen[-1] in (low, high):
                since = self._run_time[place] if is_first else times[members[0]]
                stuck &= self._spans_a_day(float(since), int(begun[number]), times[members], known)
            if not stuck.any():
                continue
            over = number < last
            first_row = int(self._run_row[place]) if is_first else self.rows + int(members[0])
            yield ColumnFault(
                "stuck",
                place,
                first_row,
                self.rows + int(members[stuck.argmax()]),
                self.rows + int(rows[starts[number + 1]]) if over else None,
            )
            if not over:
                self._run_is_open[place] = True
                self._run_row[place] = first_row
        if last > 0 or not goes_on:
            first = int(rows[starts[-1]])
            self._run_row[place], self._run_time[place] = self.rows + first, times[first]
            self._run_is_open[place] = bool(suspect[-1]) and bool(self._run_is_open[place])
        self._longest_run[place], self._changes[place] = longest[-1], changes[-1]
        self.run[place], self._last[place] = lengths[-1], values[-1]
        self._low[place] = min(self._low[place], values.min())
        self._high[place] = max(self._high[place], values.max())

    def _end_of_run(self, place: int, row: int) -> ColumnFault:
        self._run_is_open[place] = False
        return ColumnFault("stuck", place, int(self._run_row[place]), None, row)

    def _spans_a_day(
        self, since: float, begun: int, times: Vector, known: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        if np.isnan(since):
            return np.asarray((begun >= _DAY_ROWS) | (known >= _DAY_ROWS))
        before = since - self._first_time[0] >= _DAY_SECONDS
        return np.asarray(before | (times - since >= _DAY_SECONDS))

    def _identity(self) -> Mapping[str, Any]:
        return {"health_of_columns": len(self.gap)}

    def _kept(self) -> Mapping[str, NDArray[Any]]:
        return {name.lstrip("_"): array for name, array in vars(self).items()}


def _happened(fault: ColumnFault) -> int:
    row = fault.ended_row if fault.row is None else fault.row
    assert row is not None
    return row
