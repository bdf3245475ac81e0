"""A SQLite file that is deleted, moved or replaced while it is in use.

The system lets a process go on with a file that has no name any more: what it writes then is lost
without a word when the process ends.
"""

from pathlib import Path

from sqlalchemy import Connection

from models.errors import DatabaseLostError

# Device and inode.
Identity = tuple[int, int]

_PARTS = ("", "-wal", "-shm")


class FileGuard:
    """Compares the files that an engine has opened with those at the path."""

    def __init__(self, file: Path) -> None:
        """Guard the database in a file, which need not be there yet."""
        self._file = file
        self._opened: Identity | None = None

    def before_connect(self, *_: object) -> None:
        """Refuse to open, and so to create, another file than the one that was opened first.

        Raises:
            DatabaseLostError: the file was deleted, moved or replaced.
        """
        if self._opened is not None:
            self._compare("", self._opened)

    def check(self, connection: Connection) -> None:
        """Compare the files of a connection, at the beginning and the end of each transaction.

        Raises:
            DatabaseLostError: one of them was deleted, moved or replaced.
        """
        if self._opened is None:
            self._opened = _identify(self._file)
        opened: dict[str, Identity] = connection.info.setdefault("vigil_files", {"": self._opened})
        for part in _PARTS:
            if part in opened:
                self._compare(part, opened[part])
            elif (found := _identify(self._path(part))) is not None:
                # SQLite keeps its log as long as anybody has the database open.
                opened[part] = found

    def _compare(self, part: str, opened: Identity) -> None:
        found = _identify(self._path(part))
        if found != opened:
            how = "deleted or moved" if found is None else "replaced by another file"
            raise DatabaseLostError(
                f"{self._path(part)} was {how} while this process used it: what the process "
                "would write now is lost. Put the database back or restore a backup, with the "
                "-wal file that belongs to it or none, and start again"
            )

    def _path(self, part: str) -> Path:
        return Path(f"{self._file}{part}")


def _identify(file: Path) -> Identity | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
