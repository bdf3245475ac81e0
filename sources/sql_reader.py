"""Read a table, or the result of a SELECT, through SQLAlchemy."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import Connection, CursorResult, column, inspect, select

from sources.bad_rows import BadRows
from sources.base import ReadLimits
from sources.columns import check_names, choose_with_keys
from sources.config import SqlConfig
from sources.secrets import SecretResolver
from sources.spool import Spool
from sources.spooled_table import SpooledTable
from sources.spooling_reader import SpoolingReader
from sources.sql_connection import read_only_connection, start_clock
from sources.sql_table import find_table
from sources.table_builder import TableBuilder

_BATCH = 10_000

Batch = dict[str, Sequence[Any]]


class SqlReader(SpoolingReader):
    """Reads rows through a server-side cursor: a table by its primary key, a query as it comes."""

    def __init__(
        self,
        config: SqlConfig,
        limits: ReadLimits,
        secrets: SecretResolver,
        keys: Sequence[str] = (),
        bad: BadRows | None = None,
    ) -> None:
        super().__init__(config.place, limits, keys, bad or BadRows(config.place, keys))
        self._config = config
        self._secrets = secrets

    def _fill(
        self, spool: Spool, columns: Sequence[str] | None, limit: int | None = None
    ) -> SpooledTable:
        """Of a table, only the columns wanted are asked for."""
        with self._connect() as connection, self._execute(connection, columns, limit) as result:
            names = list(result.keys())
            check_names(self._place, names, self._limits.max_columns)
            chosen = choose_with_keys(self._place, names, columns, self._keys)
            null_values = self._config.null_values
            builder = TableBuilder(self._place, self._limits, spool, null_values)
            builder.add(dict.fromkeys(chosen.sources, ()), chosen.texts)
            for batch in self._batches(connection, result, names, limit):
                first, n_rows = self._bad.n_rows + 1, max(map(len, batch.values()), default=0)
                values = {
                    shown: self._bad.kept_column(
                        batch[name],
                        name,
                        lambda row: f"row {first + row}",  # noqa: B023
                    )
                    for shown, name in chosen.sources.items()
                }
                builder.add(values, chosen.texts)
                self._bad.n_rows += n_rows
            # SQLite has no type for times; elsewhere a text that looks like one is a text.
            is_sqlite = connection.dialect.name == "sqlite"
            return SpooledTable(spool, is_sqlite, chosen.texts, null_values)

    def _connect(self) -> AbstractContextManager[Connection]:
        return read_only_connection(self._config, self._limits, self._secrets)

    def _batches(
        self,
        connection: Connection,
        result: CursorResult[Any],
        names: Sequence[str],
        limit: int | None = None,
    ) -> Iterator[Batch]:
        """Yield columns of a batch of values."""
        remaining = sys.maxsize if limit is None else limit
        while remaining:
            start_clock(connection, self._limits)
            rows = result.fetchmany(min(_BATCH, remaining))
            if not rows:
                return
            remaining -= len(rows)
            yield dict(zip(names, zip(*rows, strict=True), strict=True))

    def _execute(
        self, connection: Connection, columns: Sequence[str] | None, limit: int | None = None
    ) -> CursorResult[Any]:
        start_clock(connection, self._limits)
        streaming = connection.execution_options(stream_results=True, max_row_buffer=_BATCH)
        if self._config.query is not None:
            # As it is: neither a colon nor a percent sign in it stands for a parameter.
            raw = streaming.execution_options(no_parameters=True)
            return raw.exec_driver_sql(self._config.query)
        found = find_table(self._place, self._config.table or "", inspect(connection))
        wanted = choose_with_keys(self._place, found.names, columns, self._keys).names
        chosen = select(*map(column, wanted)).select_from(found.clause).order_by(*found.order)
        return streaming.execute(chosen.limit(limit))
