"""Which rows of a table were given before: those that share the last cursor, or may come late."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from sources.cursors import MAX_GIVEN, Cursor, digest
from sources.errors import SourceError
from sources.kept_values import KeptValue, earlier, keep
from sources.values import UnreadableValue

Row = Sequence[Any]


class SqlCursor(Cursor):
    """From which value of the cursor column to read on.

    Attributes:
        column: the cursor column.
        low: the value from which rows are looked at again; None at the beginning.
        high: the largest value given.
        passed: the key up to which all rows at ``low`` were given, where they are too many to
            remember each.
        given: what stands for each row that was given, from ``low`` (and ``passed``) on.
        told: whether people know of rows without a cursor.
    """

    what = "an SQL source"

    kind: Literal["sql"] = "sql"
    column: str
    low: KeptValue | None = None
    high: KeptValue | None = None
    passed: tuple[KeptValue, ...] = ()
    given: tuple[str, ...] = ()
    told: bool = False


@dataclass(frozen=True)
class Sifted:
    """Rows read from ``low`` on, in their order.

    Attributes:
        read: all of them.
        new: those not given before.
        again: what stands for the others.
        more: whether another new one follows.
    """

    read: list[Row]
    new: list[Row]
    again: set[str]
    more: bool


class Window:
    """Tells rows that were given from new ones, by the digests that the cursor keeps.

    Args:
        place: of the source, for errors.
        state: the cursor.
        lag: how late rows may come.
        cursor: position of the cursor column in a row.
        keys: positions of the key columns.
    """

    def __init__(
        self, place: str, state: SqlCursor, lag: float, cursor: int, keys: Sequence[int]
    ) -> None:
        self._place = place
        self._state = state
        self._lag = lag
        self._cursor = cursor
        self._keys = keys
        self._low = state.low.value() if state.low else None
        self._high = state.high.value() if state.high else None
        self._given = set(state.given)

    def sift(self, rows: Iterable[Row], limit: int, max_bytes: int) -> Sifted:
        """Return the first ``limit`` new rows, fewer where they are large."""
        counts: Counter[str] = Counter()
        sifted = Sifted([], [], set(), False)
        size = 0
        for row in rows:
            if isinstance(row[self._cursor], UnreadableValue):
                raise self._unreadable(row[self._cursor])
            mark = self._mark(row, counts) if self._may_be_known(row) else None
            if mark in self._given:
                sifted.again.add(mark)
            elif len(sifted.new) == limit or size > max_bytes:
                return replace(sifted, more=True)
            else:
                sifted.new.append(row)
                size += sum(len(value) for value in row if isinstance(value, (str, bytes)))
            sifted.read.append(row)
        return sifted

    def after(self, sifted: Sifted) -> SqlCursor:
        """Return the cursor that follows these rows.

        Raises:
            SourceError: a cursor value cannot be kept, or too many rows would have to be
                remembered.
        """
        if not sifted.new:
            return self._state
        last = sifted.new[-1][self._cursor]
        try:
            kept_last = keep(last)
            low, high = self._bounds(last)
        except ValueError as error:
            raise self._unfit(last, error) from None
        counts: Counter[str] = Counter()
        given = {self._mark(row, counts) for row in sifted.read if self._inside(row, low)}
        moved = low != self._low
        if sifted.more and (self._lag or not moved):
            given |= self._given - sifted.again
        passed = () if moved else self._state.passed
        if len(given) > MAX_GIVEN:
            passed, given = self._key_of(sifted.read[-1]), set()
        return self._state.model_copy(
            update={
                "low": keep(low),
                "high": kept_last if high == last else self._state.high,
                "passed": passed,
                "given": tuple(sorted(given)),
            }
        )

    def _bounds(self, last: Any) -> tuple[Any, Any]:
        """The next low and high; without a lag the database's order of texts decides."""
        if not self._lag:
            return last, last
        high = last if self._high is None else max(self._high, last)
        low = earlier(high, self._lag)
        return (low if self._low is None else max(self._low, low)), high

    def _may_be_known(self, row: Row) -> bool:
        if not self._given or not self._inside(row, self._low):
            return False
        return not self._lag or bool(row[self._cursor] <= self._high)

    def _inside(self, row: Row, low: Any) -> bool:
        value = row[self._cursor]
        return bool(value >= low if self._lag else value == low)

    def _mark(self, row: Row, counts: Counter[str]) -> str:
        """What stands for a row: its cursor and key, else all of it, and which of equal ones."""
        identity = [row[self._cursor], *(row[key] for key in self._keys)] if self._keys else row
        mark = digest(tuple(map(_without_zone, identity)))
        counts[mark] += 1
        return mark if counts[mark] == 1 else digest((mark, counts[mark]))

    def _key_of(self, row: Row) -> tuple[KeptValue, ...]:
        if self._lag:
            raise SourceError(
                f"{self._place}: more than {MAX_GIVEN} rows lie within its `lag` of {self._lag:g}, "
                "too many to tell late ones from those given: lower `lag`"
            )
        if not self._keys:
            raise SourceError(
                f"{self._place}: more than {MAX_GIVEN} rows have the same value in "
                f"`{self._state.column}`: name `key_columns`, by which they can be read on"
            )
        try:
            return tuple(keep(row[key]) for key in self._keys)
        except ValueError as error:
            raise SourceError(
                f"{self._place}: more than {MAX_GIVEN} rows have the same value in "
                f"`{self._state.column}`, and their `key_columns` hold {error}: name ones of "
                "numbers, texts or times without gaps"
            ) from None

    def _unreadable(self, value: UnreadableValue) -> SourceError:
        return SourceError(
            f"{self._place}: `{self._state.column}` holds {str(value)!r}, from which no stream can "
            "read on: correct it there, leave such rows out with a `query`, or name another "
            "`cursor_column`"
        )

    def _unfit(self, value: Any, error: ValueError) -> SourceError:
        if self._lag and isinstance(value, str):
            return SourceError(
                f"{self._place}: `lag` needs a cursor column of numbers or times, and "
                f"`{self._state.column}` holds the text {value[:80]!r}: leave `lag` out"
            )
        return SourceError(
            f"{self._place}: `{self._state.column}` holds {error}: name a `cursor_column` of "
            "numbers, texts or times"
        )


def _without_zone(value: Any) -> Any:
    """A moment in UTC: the zone it is shown in is that of the session."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    return value
