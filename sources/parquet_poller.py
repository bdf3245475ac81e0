"""Poll a folder that new Parquet files come into."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
from fsspec import AbstractFileSystem

from sources.bad_rows import BadRows
from sources.base import ReadLimits
from sources.columns import ChosenColumns, check_names, key_name
from sources.config import ParquetConfig
from sources.cursors import digest
from sources.errors import SourceError, TransientSourceError
from sources.files import check_regular, open_store
from sources.parquet_files import as_dataset, data_files, with_texts
from sources.parquet_folder import Folder, FolderCursor
from sources.parquet_table import ParquetTable
from sources.polling import Lag, Page, PollOptions
from sources.secrets import SecretResolver
from sources.steady_columns import Locate, SteadyColumns
from sources.store_errors import store_errors
from sources.table_formats import refuse_table_around

_PAGE_BYTES = 64 * 2**20
_BATCH = 16_384  # rows decoded at a time
_VERSION = ("size", "mtime", "ino", "LastModified", "ETag", "generation")


@dataclass(frozen=True)
class _Part:
    """Rows of one file, from a row on."""

    file: str
    row: int
    table: pa.Table


class ParquetPoller:
    """Gives the rows of new files, by the names of those that are there.

    A file without its end is still being written, and waits; others do not wait for it. A file
    that changes is not read again, or further, and that is said.
    """

    def __init__(
        self,
        config: ParquetConfig,
        options: PollOptions,
        limits: ReadLimits,
        secrets: SecretResolver,
    ) -> None:
        self._config = config
        self._place = config.place
        self._options = options
        self._limits = limits
        self._secrets = secrets
        self._bad: dict[str, BadRows] = {}  # by the files that a poll opened
        self._is_plain = False  # once it is known to be no part of a table
        # Only for what is said of files that do not grow any more.
        self._unfinished: dict[str, str] = {}
        # Pages are cut from what is decoded of a row group at a time, from a row of it on.
        self._decoded: tuple[tuple[str, str], int, pa.Table] | None = None

    def poll(self, cursor: str | None, limit: int) -> Page:
        """Return the rows after ``cursor``, as ``Poller.poll``; the lag is in files."""
        state = FolderCursor() if cursor is None else FolderCursor.parse(self._place, cursor)
        store, path = open_store(self._config, self._limits, self._secrets)
        with store_errors(self._place, store, self._secrets), self._errors():
            base, versions = self._files(store, path)
            folder = Folder(self._place, versions, state)
            self._bad.clear()
            parts = list(self._parts(store, base, folder, limit))
        columns = SteadyColumns(self._config, self._options, state.columns)
        frame = self._frame(parts, columns)
        following = folder.cursor().model_copy(update={"columns": columns.kinds})
        waiting = folder.waiting()
        texts = [f"{name}: {said}" for name, bad in self._bad.items() for said in bad.notices]
        notices = (*folder.notices, *texts, *columns.notices)
        return Page(
            rows=frame,
            next_cursor=following.text(self._place),
            more=any(name not in self._unfinished for name in waiting),
            lag=Lag(len(waiting), "files"),
            notices=tuple(f"{self._place}: {said}" for said in notices),
        )

    def close(self) -> None:
        """Let go of the row group read last."""
        self._decoded = None

    def _files(self, store: AbstractFileSystem, path: str) -> tuple[str, dict[str, str]]:
        """The folder, and what stands for the contents of each file in it, or of the one file."""
        info = store.info(path)
        found = {path: info}
        base = path.rstrip("/")
        if not self._is_plain:
            refuse_table_around(self._place, store, path)
            self._is_plain = True
        if info["type"] == "directory":
            found = data_files(store, base, self._place, self._limits)
        else:
            check_regular(self._place, info)
            base = base.rpartition("/")[0]
        return base, {
            file[len(base) :].strip("/"): digest(tuple(str(details.get(key)) for key in _VERSION))
            for file, details in found.items()
        }

    def _parts(
        self, store: AbstractFileSystem, base: str, folder: Folder, limit: int
    ) -> Iterator[_Part]:
        """The next rows, file after file; what ``folder`` says of them follows."""
        room, size = limit, 0
        for name in folder.waiting():
            if not room or size > _PAGE_BYTES:
                return
            file = self._open(store, base, name, folder)
            if file is None:
                continue
            row = folder.row(name)
            while row < len(file) and room and size <= _PAGE_BYTES:
                decoded = self._decode((name, folder.version(name)), file, row, room)
                table = _beginning(decoded)
                yield _Part(name, row, table)
                row, room, size = row + len(table), room - len(table), size + table.nbytes
                if len(table) < len(decoded):
                    break
            if row < len(file):
                folder.begin(name, row)
                return
            folder.finish(name)

    def _open(
        self, store: AbstractFileSystem, base: str, name: str, folder: Folder
    ) -> ParquetTable | None:
        """A file; None where its end is not written yet."""
        try:
            rows = as_dataset(store, base, [f"{base}/{name}"])
        except pa.ArrowInvalid:
            version = folder.version(name)
            if self._unfinished.get(name) == version:
                folder.notices.append(
                    f"{name} is no whole Parquet file, and has not grown since the last poll: it "
                    "is waited for; write it again, or remove it"
                )
            self._unfinished[name] = version
            return None
        self._unfinished.pop(name, None)
        place = f"{self._place}: {name}"
        check_names(place, rows.schema.names, self._limits.max_columns)
        wanted = self._options.wanted
        names = {name: name for name in rows.schema.names if wanted is None or name in wanted}
        plain = ChosenColumns(names, frozenset())
        bad = self._bad[name] = BadRows(place, self._options.key_columns)
        return ParquetTable(place, rows, plain, self._limits, self._errors, bad)

    def _decode(self, key: tuple[str, str], file: ParquetTable, row: int, room: int) -> pa.Table:
        """At most ``room`` rows of a row group from a row on, at least one."""
        known, start, table = self._decoded or (None, 0, pa.table({}))
        if known != key or not start <= row < start + len(table):
            kept: list[pa.Table] = []
            cells = 0
            for rows in file.rest_of_group(row, _BATCH):
                kept.append(rows)
                cells += rows.num_rows * max(rows.num_columns, 1)
                if cells >= self._limits.memory_cells:
                    break
            start, table = row, pa.concat_tables(kept)
            self._decoded = key, start, table
        return table.slice(row - start, room)

    def _frame(self, parts: list[_Part], columns: SteadyColumns) -> pd.DataFrame:
        if not parts:
            return columns.records([], self._limits.max_columns, str)
        present = dict.fromkeys(name for part in parts for name in part.table.column_names)
        names = columns.names(present, self._limits.max_columns)
        pieces = [(part, self._with_keys(_columns(part.table, names))) for part in parts]
        for _, values in pieces:
            columns.learn(values)  # of all, before the first is given its types
        frames = [columns.frame(values, _locate(part)) for part, values in pieces]
        return pd.concat(frames, ignore_index=True)

    def _with_keys(self, values: dict[str, pa.ChunkedArray]) -> dict[str, pa.ChunkedArray]:
        twice = self._options.value_keys
        texts = {name: name for name in self._options.text_keys} | {key_name(n): n for n in twice}
        chosen = ChosenColumns({name: name for name in values} | texts, frozenset(texts))
        table = with_texts(self._place, pa.table(values), chosen)
        return dict(zip(table.column_names, table.columns, strict=True))

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            raise TransientSourceError(
                f"{self._place}: is not there (yet), or a file in it was removed just now: it is "
                "looked for again at the next poll; if it has another name, correct `path`"
            ) from None
        except (pa.ArrowException, UnicodeError) as error:
            message = self._secrets.redact(str(error))
            raise SourceError(f"{self._place}: cannot be read as Parquet: {message}") from None


def _beginning(table: pa.Table) -> pa.Table:
    """As many rows as fit a page, at least one."""
    share = _PAGE_BYTES / max(table.nbytes, 1)
    return table if share >= 1 else table.slice(0, max(1, int(share * len(table))))


def _columns(table: pa.Table, names: list[str]) -> dict[str, pa.ChunkedArray]:
    absent = pa.chunked_array([pa.nulls(len(table))])
    return {name: table.column(name) if name in table.column_names else absent for name in names}


def _locate(part: _Part) -> Locate:
    return lambda row: f"{part.file}, row {part.row + row + 1}"
