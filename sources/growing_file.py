"""A local file that grows, and may be rotated or truncated: where to read on in it."""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO

import numpy as np
from fsspec.implementations.local import LocalFileSystem
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from sources.base import ReadLimits
from sources.config import FileConfig
from sources.errors import SourceError, TransientSourceError
from sources.file_roots import allowed_path
from sources.secrets import SecretResolver
from sources.store_errors import store_errors

PAGE_BYTES = 16 * 2**20
_FIRST_BYTES = 2**18
_EDGE = 1024

Split = Callable[[bytes], NDArray[np.int64]]


class FilePosition(BaseModel):
    """A place between two rows of a file.

    Attributes:
        inode: of the file, which keeps it when it is renamed.
        offset: bytes before the place.
        line: line breaks before it.
        fingerprint: of the beginning of the file and of what stands just before the place.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    inode: int
    offset: int
    line: int
    fingerprint: str


@dataclass(frozen=True)
class Rows:
    """Whole rows of a file, as bytes.

    Attributes:
        data: the rows, with their line breaks.
        ends: where each row ends in ``data``.
        line: line breaks in the file before them.
        pending: what follows them without an end yet, as far as it was read.
        more: whether a whole row follows.
    """

    data: bytes
    ends: NDArray[np.int64]
    line: int
    pending: bytes
    more: bool

    def line_of(self, row: int) -> int:
        """Return the line that a row, counted from 0 and without empty lines, begins on."""
        starts = [0, *self.ends[:-1].tolist()]
        filled = [
            start
            for start, end in zip(starts, self.ends.tolist(), strict=True)
            if self.data[start:end].strip(b"\r\n")
        ]
        return self.line + self.data.count(b"\n", 0, filled[row]) + 1


@dataclass(frozen=True)
class OpenFile:
    """A file opened where reading goes on.

    Attributes:
        stream: the file.
        path: its name at present.
        offset: where to read on.
        line: line breaks before that.
        rotated: whether another file has taken its name.
        notices: why it is not read on where reading stopped.
    """

    stream: BinaryIO
    path: Path
    offset: int = 0
    line: int = 0
    rotated: bool = False
    notices: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Bytes in the file now."""
        return os.fstat(self.stream.fileno()).st_size

    def head(self, size: int) -> bytes:
        """Return the first ``size`` bytes, or all where there are fewer."""
        return _read(self.stream, 0, size)

    def rows(self, start: int, line: int, split: Split, limit: int) -> Rows:
        """Return whole rows from ``start`` on, at most ``limit`` and ``PAGE_BYTES`` of them."""
        data, ends, at_end = b"", np.empty(0, np.int64), False
        size = _FIRST_BYTES
        while not at_end and len(ends) <= limit and len(data) < PAGE_BYTES:
            data += _read(self.stream, start + len(data), size - len(data))
            at_end = len(data) < size
            ends = split(data)
            size = min(2 * size, PAGE_BYTES)
        taken = ends[:limit]
        end = int(taken[-1]) if len(taken) else 0
        more = len(ends) > limit or (not at_end and end > 0)
        return Rows(data[:end], taken, line, data[end:], more)

    def position(self, offset: int, line: int) -> FilePosition:
        """Return the place after ``offset`` bytes."""
        inode = os.fstat(self.stream.fileno()).st_ino
        return FilePosition(
            inode=inode, offset=offset, line=line, fingerprint=_fingerprint(self.stream, offset)
        )


class GrowingFile:
    """Finds the file that a position belongs to, as ``tail -F`` does.

    A file is known by its inode, and by its bytes at the beginning and before the position.

    Raises:
        SourceError: the file is packed, or in an object store.
    """

    def __init__(self, config: FileConfig, limits: ReadLimits, secrets: SecretResolver) -> None:
        self._place = config.place
        self._secrets = secrets
        path = secrets.resolve(config.path)
        if "://" in path:
            raise SourceError(
                f"{self._place}: an object of a store does not grow, it is written anew: write new "
                "Parquet files to a folder (`kind: parquet`), or run `detect` on a schedule"
            )
        if path.endswith(".gz"):
            raise SourceError(
                f"{self._place}: a packed file cannot be read on from where reading stopped: let "
                "it be written unpacked, or run `detect` on a schedule"
            )
        self._path = Path(path).expanduser().absolute()
        self._limits = limits

    @contextmanager
    def opened(self, position: FilePosition | None) -> Iterator[OpenFile]:
        """Open the file at a position; at its beginning where there is none.

        Raises:
            SourceError: it is no regular file, or may not be read.
            TransientSourceError: it is not there.
        """
        with store_errors(self._place, LocalFileSystem(), self._secrets):
            try:
                found = self._beginning() if position is None else self._after(position)
            except FileNotFoundError:
                raise TransientSourceError(
                    f"{self._place}: is not there (yet): it is looked for again at the next poll; "
                    "if it has another name, correct `path`"
                ) from None
            with found.stream:
                yield found

    def _beginning(self, *notices: str) -> OpenFile:
        path = self._allowed(self._path)
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            what = "a folder" if stat.S_ISDIR(mode) else "a device or pipe"
            raise SourceError(f"{self._place}: is {what}: expected a regular file")
        return OpenFile(path.open("rb"), self._path, notices=notices)

    def _allowed(self, path: Path) -> Path:
        return Path(allowed_path(self._place, str(path), self._limits))

    def _after(self, position: FilePosition) -> OpenFile:
        found = self._beginning()
        if os.fstat(found.stream.fileno()).st_ino == position.inode:
            return self._same_file(found, position)
        found.stream.close()
        for path in self._path.parent.iterdir():
            if path.is_file() and path.stat().st_ino == position.inode:
                return self._rotated_file(path, position)
        return self._beginning(
            "is another file than before, and that one is no longer in its folder: what stood in "
            f"it after line {position.line}, if anything did, was not read; reading the new one "
            "from its start"
        )

    def _same_file(self, found: OpenFile, position: FilePosition) -> OpenFile:
        if found.size < position.offset:
            problem = f"was truncated from at least {position.offset} bytes to {found.size}"
        elif _fingerprint(found.stream, position.offset) != position.fingerprint:
            problem = f"was written anew: its first {position.offset} bytes are others than before"
        else:
            return OpenFile(found.stream, found.path, position.offset, position.line)
        return OpenFile(
            found.stream,
            found.path,
            notices=(
                f"{problem}: reading it from its start; what stood after line {position.line}, if "
                "anything did, was not read",
            ),
        )

    def _rotated_file(self, path: Path, position: FilePosition) -> OpenFile:
        """Files that have changed since then are read no further: their rest is not known."""
        stream = self._allowed(path).open("rb")
        known = _fingerprint(stream, position.offset) == position.fingerprint
        if known and os.fstat(stream.fileno()).st_size >= position.offset:
            return OpenFile(stream, path, position.offset, position.line, rotated=True)
        stream.close()
        return self._beginning(
            f"was rotated, and {path.name}, as it is called now, has changed since: what followed "
            f"line {position.line} was not read; reading the new file from its start"
        )


def _read(stream: BinaryIO, offset: int, size: int) -> bytes:
    stream.seek(offset)
    return stream.read(size)


def _fingerprint(stream: BinaryIO, offset: int) -> str:
    """Of the first bytes before ``offset`` and the last ones."""
    first = _read(stream, 0, min(offset, _EDGE))
    last = _read(stream, max(0, offset - _EDGE), min(offset, _EDGE))
    return blake2b(first + last, digest_size=8).hexdigest()
