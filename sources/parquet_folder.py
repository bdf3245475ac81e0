"""Which files of a folder are new, and which have changed since they were read."""

from collections.abc import Mapping
from typing import Literal

from sources.cursors import MAX_GIVEN, Cursor, digest
from sources.errors import SourceError

_NAME = 16  # characters that stand for a name, and for a version
_VERSION = 4


class FolderCursor(Cursor):
    """Which files were read, and how far the one being read.

    Attributes:
        given: what stands for the name and version of each file read, while it is there.
        file: the file being read, below the folder.
        version: of that file.
        row: rows of it that were given.
    """

    what = "a folder of Parquet files"

    kind: Literal["parquet"] = "parquet"
    given: tuple[str, ...] = ()
    file: str | None = None
    version: str = ""
    row: int = 0


class Folder:
    """The files that are there, against those that were read.

    Args:
        place: of the source, for errors.
        versions: of each file, by its name.
        state: the cursor.

    Attributes:
        notices: what changed after it was read, or while it was.
    """

    def __init__(self, place: str, versions: Mapping[str, str], state: FolderCursor) -> None:
        self._place = place
        self._versions = versions
        self._state = state
        self._begun: tuple[str, int] | None = None
        self.notices: list[str] = []
        names = {digest((name,)): name for name in versions}
        self._given = {
            entry[:_NAME]: entry[_NAME:] for entry in state.given if entry[:_NAME] in names
        }
        for mark, version in list(self._given.items()):
            if version != versions[names[mark]][:_VERSION]:
                self.finish(names[mark])
                self.notices.append(
                    f"{names[mark]} was changed after it was read, and is not read again: write "
                    "new rows to new files"
                )
        if state.file is not None:
            self._resume(state.file)

    def waiting(self) -> list[str]:
        """Return the files to read, in the order of their names after the one begun."""
        first = [self._begun[0]] if self._begun else []
        names = [name for name in self._versions if digest((name,)) not in self._given]
        return list(dict.fromkeys((*first, *sorted(names))))

    def version(self, name: str) -> str:
        """Return what stands for the contents of a file."""
        return self._versions[name]

    def row(self, name: str) -> int:
        """Return how many rows of a file were given."""
        return self._begun[1] if self._begun and self._begun[0] == name else 0

    def begin(self, name: str, row: int) -> None:
        """Take a file as read up to a row."""
        self._begun = (name, row)

    def finish(self, name: str) -> None:
        """Take a file as read."""
        self._given[digest((name,))] = self._versions[name][:_VERSION]
        self._begun = None

    def cursor(self) -> FolderCursor:
        """Return the cursor of what was read by now.

        Raises:
            SourceError: there are more files than can be remembered.
        """
        if len(self._given) > MAX_GIVEN:
            raise SourceError(
                f"{self._place}: holds more than {MAX_GIVEN} files that were read, too many to "
                "tell new ones from them: move files that were read elsewhere, or write larger "
                "ones"
            )
        name, row = self._begun or (None, 0)
        return self._state.model_copy(
            update={
                "given": tuple(mark + version for mark, version in sorted(self._given.items())),
                "file": name,
                "version": self._versions[name] if name else "",
                "row": row,
            }
        )

    def _resume(self, name: str) -> None:
        row = self._state.row
        if self._versions.get(name) == self._state.version:
            self.begin(name, row)
            return
        what = "was removed"
        if name in self._versions:
            what = "was changed"
            self.finish(name)
        self.notices.append(
            f"{name} {what} while it was read: what followed its row {row} was not read: write "
            "new rows to new files, and keep them until they are read"
        )
