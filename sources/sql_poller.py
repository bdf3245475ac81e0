"""Poll a table, or the result of a SELECT, by a column that grows."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    Select,
    and_,
    column,
    func,
    inspect,
    literal,
    select,
    text,
    tuple_,
)

from sources.bad_rows import BadRows
from sources.base import ReadLimits
from sources.columns import check_names, choose_columns
from sources.config import SqlConfig
from sources.cursors import foreign_cursor
from sources.errors import SourceError
from sources.kept_values import distance
from sources.polling import Lag, Page, PollOptions
from sources.secrets import SecretResolver
from sources.select_check import without_semicolon
from sources.sql_connection import read_only_connection, start_clock
from sources.sql_table import FoundTable, find_table
from sources.sql_window import Row, Sifted, SqlCursor, Window
from sources.steady_columns import Locate, SteadyColumns

_PAGE_BYTES = 64 * 2**20
_BUFFERED = 10_000


class SqlPoller:
    """Reads rows in the order of the cursor column, from the last value given on.

    Rows with that value, or within ``lag`` before it, are read again, and those given are left
    out: others may have come since.

    Raises:
        SourceError: the source names no cursor column.
    """

    def __init__(
        self, config: SqlConfig, options: PollOptions, limits: ReadLimits, secrets: SecretResolver
    ) -> None:
        if options.cursor_column is None:
            raise SourceError(
                f"{config.place}: a stream needs a column by which to read on: set `cursor_column` "
                "to one that grows with each new row, e.g. an id or the time of insertion"
            )
        self._config = config
        self._place = config.place
        self._options = options
        self._cursor_column = options.cursor_column
        self._by: ColumnElement[Any] = column(options.cursor_column)
        self._limits = limits
        self._secrets = secrets
        self._found: FoundTable | None = None

    def poll(self, cursor: str | None, limit: int) -> Page:
        """Return the rows after ``cursor``, as ``Poller.poll``.

        The lag is in seconds or in units of the cursor column.
        """
        state = self._state(cursor)
        try:
            with read_only_connection(self._config, self._limits, self._secrets) as connection:
                return self._page(connection, state, limit)
        except SourceError:
            self._found = None  # the table may be another when it is there again
            raise

    def close(self) -> None:
        """Nothing is open between two polls: a transaction kept open would hold up the database."""

    def _state(self, cursor: str | None) -> SqlCursor:
        if cursor is None:
            return SqlCursor(column=self._cursor_column)
        state = SqlCursor.parse(self._place, cursor)
        if state.column != self._cursor_column:
            raise foreign_cursor(
                self._place, f"is one in `{state.column}`, not in `{self._cursor_column}`"
            )
        return state

    def _page(self, connection: Connection, state: SqlCursor, limit: int) -> Page:
        if self._found is None:
            self._found = self._find(connection)
        names = choose_columns(self._place, self._found.names, self._options.wanted)
        choose_columns(self._place, self._found.names, self._options.roles)
        keys = [names.index(key) for key in self._options.key_columns]
        place = names.index(self._cursor_column)
        try:
            window = Window(self._place, state, self._config.lag, place, keys)
            statement = self._select(self._found, names, state, limit)
        except ValueError:
            raise foreign_cursor(self._place, "is damaged") from None
        sifted = self._read(connection, statement, window, limit)
        following = window.after(sifted)
        columns = SteadyColumns(self._config, self._options, state.columns)
        bad = BadRows(self._place, self._options.key_columns)

        def locate(row: int) -> str:
            return f"the row with `{self._cursor_column}` {sifted.new[row][place]}"

        values = _by_column(names, sifted.new, bad, locate)
        frame = columns.frame(columns.values(values), locate)
        notices = [f"{self._place}: {said}" for said in bad.notices]
        if not sifted.more and not state.told and self._has_rows_without_cursor(connection):
            following = following.model_copy(update={"told": True})
            notices.append(
                f"{self._place}: has rows without a value in `{self._cursor_column}`: they are "
                "never read"
            )
        notices += [f"{self._place}: {said}" for said in columns.notices]
        following = following.model_copy(update={"columns": columns.kinds})
        return Page(
            rows=frame,
            next_cursor=following.text(self._place),
            more=sifted.more,
            lag=self._lag(connection, following, sifted.more),
            notices=(*notices, *(f"{self._place}: {notice}" for notice in columns.notices)),
        )

    def _find(self, connection: Connection) -> FoundTable:
        start_clock(connection, self._limits)
        if self._config.table is not None:
            return find_table(self._place, self._config.table, inspect(connection))
        # As it is: a colon in it stands for no parameter.
        query = without_semicolon(self._config.query or "").replace(":", r"\:")
        clause = text(f"(\n{query}\n) AS polled")
        names = list(connection.execute(select(text("*")).select_from(clause).limit(0)).keys())
        check_names(self._place, names, self._limits.max_columns)
        return FoundTable(clause, names, [])

    def _select(
        self, found: FoundTable, names: Sequence[str], state: SqlCursor, limit: int
    ) -> Select[Any]:
        keys: list[ColumnElement[Any]] = [column(key) for key in self._options.key_columns]
        return (
            select(*map(column, names))
            .select_from(found.clause)
            .where(self._after(state, keys))
            .order_by(self._by, *(keys or found.order))
            .limit(limit + len(state.given) + 1)
        )

    def _after(self, state: SqlCursor, keys: Sequence[ColumnElement[Any]]) -> ColumnElement[bool]:
        if state.low is None:
            return self._by.is_not(None)
        low = literal(state.low.value())
        if not state.passed:
            return self._by >= low
        passed = [literal(part.value()) for part in state.passed]
        # Both, so that an index of the cursor column alone serves as well.
        return and_(self._by >= low, tuple_(self._by, *keys) > tuple_(low, *passed))

    def _read(
        self, connection: Connection, statement: Select[Any], window: Window, limit: int
    ) -> Sifted:
        start_clock(connection, self._limits)
        streaming = connection.execution_options(stream_results=True, max_row_buffer=_BUFFERED)
        with streaming.execute(statement) as result:
            return window.sift(result, limit, _PAGE_BYTES)

    def _has_rows_without_cursor(self, connection: Connection) -> bool:
        return self._scalar(connection, select(literal(1)).where(self._by.is_(None)).limit(1)) == 1

    def _lag(self, connection: Connection, state: SqlCursor, more: bool) -> Lag | None:
        if state.high is None:
            return None
        high = state.high.value()
        last = self._scalar(connection, select(func.max(self._by))) if more else high
        behind = distance(high, last)
        if behind is None:
            return None
        counted = state.high.kind in ("integer", "float", "decimal")
        return Lag(max(0.0, behind), "units" if counted else "seconds")

    def _scalar(self, connection: Connection, statement: Select[Any]) -> Any:
        assert self._found is not None
        start_clock(connection, self._limits)
        result: CursorResult[Any] = connection.execute(statement.select_from(self._found.clause))
        return result.scalar()


def _by_column(
    names: Sequence[str], rows: Sequence[Row], bad: BadRows, locate: Locate
) -> dict[str, Sequence[Any]]:
    values: Iterable[Sequence[Any]] = zip(*rows, strict=True) if rows else [()] * len(names)
    return {
        name: bad.kept_column(column, name, locate)
        for name, column in zip(names, values, strict=True)
    }
