"""Keep a table that is read once: in memory while it is small, else in a file without a name."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pyarrow as pa

from sources.base import ReadLimits
from sources.errors import SourceError


class Spool:
    """Arrow tables in the order they were added, each of a schema of its own.

    The file is the operating system's to remove: it goes with the process, however that ends. As
    a context the spool closes it at its end.

    Args:
        place: where the rows come from, for errors.
        limits: the most values in memory, and the folder of the file; all is in memory when None.

    Attributes:
        starts: number of the first row of each table.
        n_rows: rows of all of them.
        types: the types each column has in them, by name.
    """

    def __init__(self, place: str, limits: ReadLimits | None = None) -> None:
        self._place = place
        self._limits = limits
        self._file: IO[bytes] | None = None
        self.clear()

    def clear(self) -> None:
        """Forget all tables."""
        self.starts: list[int] = []
        self.n_rows = 0
        self.types: dict[str, set[pa.DataType]] = {}
        self._held: list[pa.Table] = []
        self._cells = 0
        self._places: list[tuple[int, int]] = []
        self._end = 0

    def __enter__(self) -> "Spool":
        """Begin."""
        return self

    def __exit__(self, *error: object) -> None:
        """Give back the memory and the disk."""
        self.clear()
        if self._file is not None:
            self._file.close()

    def add(self, table: pa.Table) -> None:
        """Keep ``table``.

        Raises:
            SourceError: the file cannot be written.
        """
        self.starts.append(self.n_rows)
        self.n_rows += len(table)
        self._held.append(table)
        for field in table.schema:
            self.types.setdefault(field.name, set()).add(field.type)
        self._cells += table.num_rows * table.num_columns
        if self._limits is not None and self._cells > self._limits.memory_cells:
            self._write_held(self._limits.spool_folder)

    def __iter__(self) -> Iterator[pa.Table]:
        """Yield all tables."""
        return self.tables(0, self.n_rows)

    def tables(self, first: int, last: int) -> Iterator[pa.Table]:
        """Yield the tables that begin at row ``first`` or later, and before row ``last``."""
        for number, start in enumerate(self.starts):
            if first <= start < last:
                yield self._read(number)

    def _write_held(self, folder: Path | None) -> None:
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(  # noqa: SIM115  closed with the spool
                    prefix="vigil-", dir=folder, buffering=0
                )
            for table in self._held:
                self._write(self._file, table)
        except OSError as error:
            raise SourceError(
                f"{self._place}: is larger than memory may hold, and cannot be kept in "
                f"{folder or tempfile.gettempdir()} while it is worked on "
                f"({error.strerror or error}): free some space there, or set VIGIL_SPOOL_FOLDER "
                "to another folder"
            ) from None
        self._held = []

    def _write(self, file: IO[bytes], table: pa.Table) -> None:
        file.seek(self._end)
        with pa.ipc.new_stream(pa.PythonFile(file, "w"), table.schema) as writer:
            writer.write_table(table)
        self._places.append((self._end, file.tell() - self._end))
        self._end = file.tell()

    def _read(self, number: int) -> pa.Table:
        if number >= len(self._places):
            return self._held[number - len(self._places)]
        assert self._file is not None
        offset, length = self._places[number]
        # Needs no lock, as seeking would.
        return pa.ipc.open_stream(os.pread(self._file.fileno(), length, offset)).read_all()
