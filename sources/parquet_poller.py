"""Poll a folder that new Parquet files come into."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
from fsspec import AbstractFileSystem
from pyarrow import dataset

from sources.base import ReadLimits
from sources.columns import check_names
from sources.config import ParquetConfig
from sources.cursors import digest
from sources.errors import SourceError, TransientSourceError
from sources.files import open_store
from sources.parquet_files import as_dataset, data_files, decode
from sources.parquet_folder import Folder, FolderCursor
from sources.polling import Lag, Page, PollOptions
from sources.secrets import SecretResolver
from sources.steady_columns import Locate, SteadyColumns
from sources.store_errors import store_errors

_PAGE_BYTES = 64 * 2**20
_VERSION = ("size", "mtime", "ino", "LastModified", "ETag", "generation")


@dataclass(frozen=True)
class _Part:
    """Rows of one file, from a row on."""

    file: str
    row: int
    table: pa.Table


@dataclass(frozen=True)
class _File:
    """A whole file: its row groups, with the columns that its folders' names add."""

    schema: pa.Schema
    groups: list[dataset.ParquetFileFragment]


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
        # Only for what is said of files that do not grow any more.
        self._unfinished: dict[str, str] = {}
        # A row group is decoded as a whole, and pages are cut from it.
        self._decoded: tuple[tuple[str, str, int], pa.Table] | None = None

    def poll(self, cursor: str | None, limit: int) -> Page:
        """Return the rows after ``cursor``, as ``Poller.poll``; the lag is in files."""
        state = FolderCursor() if cursor is None else FolderCursor.parse(self._place, cursor)
        store, path = open_store(self._config, self._limits, self._secrets)
        with store_errors(self._place, store, self._secrets), self._errors():
            base, versions = self._files(store, path)
            folder = Folder(self._place, versions, state)
            parts = list(self._parts(store, base, folder, limit))
        columns = SteadyColumns(self._config, self._options, state.columns)
        frame = self._frame(parts, columns)
        following = folder.cursor().model_copy(update={"columns": columns.kinds})
        waiting = folder.waiting()
        notices = (*folder.notices, *columns.notices)
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
        if info["type"] == "directory":
            found = data_files(store, base, self._place, self._limits)
        else:
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
            row, start = folder.row(name), 0
            for number, group in enumerate(file.groups):
                end = start + group.row_groups[0].num_rows
                if row < end and room and size <= _PAGE_BYTES:
                    whole = self._decode((name, folder.version(name), number), group, file.schema)
                    table = _beginning(whole.slice(row - start, room))
                    yield _Part(name, row, table)
                    row, room, size = row + len(table), room - len(table), size + table.nbytes
                start = end
            if row < start:
                folder.begin(name, row)
                return
            folder.finish(name)

    def _open(
        self, store: AbstractFileSystem, base: str, name: str, folder: Folder
    ) -> _File | None:
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
        check_names(f"{self._place}: {name}", rows.schema.names, self._limits.max_columns)
        (fragment,) = rows.get_fragments()
        groups = [group for group in fragment.split_by_row_group() if group.row_groups]
        return _File(rows.schema, groups)

    def _decode(
        self, key: tuple[str, str, int], group: dataset.ParquetFileFragment, schema: pa.Schema
    ) -> pa.Table:
        if self._decoded is None or self._decoded[0] != key:
            wanted = self._options.wanted
            names = [name for name in schema.names if wanted is None or name in wanted]
            place = f"{self._place}: {key[0]}, row group {key[2] + 1}"
            self._decoded = key, decode(place, group.scanner(schema, columns=names), self._limits)
        return self._decoded[1]

    def _frame(self, parts: list[_Part], columns: SteadyColumns) -> pd.DataFrame:
        if not parts:
            return columns.records([], self._limits.max_columns, str)
        present = dict.fromkeys(name for part in parts for name in part.table.column_names)
        names = columns.names(present, self._limits.max_columns)
        pieces = [(part, _columns(part.table, names)) for part in parts]
        for _, values in pieces:
            columns.learn(values)  # of all, before the first is given its types
        frames = [columns.frame(values, _locate(part)) for part, values in pieces]
        return pd.concat(frames, ignore_index=True)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            raise TransientSourceError(
                f"{self._place}: is not there (yet), or a file in it was removed just now: it is "
                "looked for again at the next poll; if it has another name, correct `path`"
            ) from None
        except pa.ArrowException as error:
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
